/** The file of samples, and the table of goals made from it. */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.load.report;

import org.jspecify.annotations.NullMarked;

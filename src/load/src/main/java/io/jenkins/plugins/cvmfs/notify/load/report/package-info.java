/** What was measured, as a file of samples, and what is made of it: medians, ratios, tables and plots. */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.load.report;

import org.jspecify.annotations.NullMarked;

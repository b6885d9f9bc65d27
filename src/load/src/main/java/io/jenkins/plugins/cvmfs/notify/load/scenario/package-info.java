/**
 * What is measured, and how noise is kept out: each repetition starts every server afresh, one after the other, so that whatever
 * disturbs the machine disturbs all of them; the bare loop in each repetition tells whether it can be believed.
 *
 * <p>Start reading at {@code FanOut} (one measurement) and {@code Session} (all repetitions).
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.load.scenario;

import org.jspecify.annotations.NullMarked;

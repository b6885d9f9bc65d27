/**
 * The configuration that an administrator makes under Manage Jenkins &gt; System, section "CVMFS notifications", by hand or by Configuration
 * as Code: notification servers, and repositories with their replicas and master keys. Folders have the same section.
 *
 * <p>{@link io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration} is what Jenkins keeps and shows; the entries are
 * kept as they were typed, so that a mistake can be seen and fixed in the form. {@link
 * io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites} is what the steps use: it finds what a pipeline names, and refuses URLs
 * in pipelines unless an administrator allows them. Start there.
 *
 * <p>Nothing here starts a thread. Jenkins calls the forms on its request threads.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.config;

import org.jspecify.annotations.NullMarked;

package io.jenkins.plugins.cvmfs.notify.proxy.frontend;

import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;

/** What all HTTP connections of a front end have in common. */
record HttpService(Routes routes, Origins origins, Peers peers, LimitsConfig limits, FrontEndMetrics metrics) {}

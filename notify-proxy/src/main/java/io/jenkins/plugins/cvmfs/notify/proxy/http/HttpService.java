package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.ByteBudget;

/**
 * What all HTTP connections of a front end have in common.
 *
 * @param bodies memory for the bodies of all requests
 * @param answers memory for long answers that have not been read yet
 */
record HttpService(
        Router routes,
        HostNames hostNames,
        OriginPolicy origins,
        Peers peers,
        LimitsConfig limits,
        ByteBudget bodies,
        ByteBudget answers,
        HttpMetrics metrics) {}

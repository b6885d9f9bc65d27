package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

/** An account, and what it may do. */
record Grant(Account account, BrokerPermissions rights) {}

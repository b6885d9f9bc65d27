package io.jenkins.plugins.cvmfs.notify.proxy.setup;

/** An account, and what it may do. */
record Grant(Account account, Rights rights) {}

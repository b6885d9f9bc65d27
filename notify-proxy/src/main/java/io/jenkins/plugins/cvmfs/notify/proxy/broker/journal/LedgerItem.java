package io.jenkins.plugins.cvmfs.notify.proxy.broker.journal;

/** What the ledger's thread works off, in order. */
sealed interface LedgerItem permits Arrival, Errand, Forget, Outlived {}

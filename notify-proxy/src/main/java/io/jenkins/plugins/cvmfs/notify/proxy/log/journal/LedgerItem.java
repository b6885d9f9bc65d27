package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

/** What the ledger's thread works off, in order. */
sealed interface LedgerItem permits IncomingMessage, Errand, Forget, Outlived {}

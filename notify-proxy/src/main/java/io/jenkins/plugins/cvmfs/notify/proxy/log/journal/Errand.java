package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

/** Something to do when everything that came before it has been recorded. Runs on the ledger's thread; must not block. */
record Errand(Runnable action) implements LedgerItem {}

package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

/**
 * A repository that was announced after this order was given, perhaps with an earlier time: its last announcement stays, and gets a
 * time after the order's.
 */
public record Outlived(Forgotten order) implements LedgerItem {}

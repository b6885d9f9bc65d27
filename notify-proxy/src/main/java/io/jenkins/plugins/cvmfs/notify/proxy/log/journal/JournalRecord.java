package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

/** What stands in a journal: what was announced, or that a repository was forgotten. */
sealed interface JournalRecord permits LogEntry, Forgotten {}

/**
 * The memory of one proxy: the last announcement of each repository, kept across restarts in a journal file.
 *
 * <p>Everything that enters the activity log becomes an {@code IncomingMessage}, wherever it comes from: a publisher in standalone mode,
 * a queue or a stream of RabbitMQ otherwise. Arrivals wait in one bounded queue for the one thread of the {@code LogRecorder}, which
 * drops what it has seen before, gives each its position, writes a whole batch with one fsync, and only then hands the
 * announcements to the fan-out and lets publishers know. Nothing else touches the {@code Journal}.
 *
 * <p>Start reading at {@code LogRecorder}; {@code JournalLog} is the activity log of standalone mode, made of little else. Without a
 * folder for the file there is nothing to wait for, and so neither a queue nor a thread. The file's
 * format stands in {@code JournalHeader} and {@code JournalFormat}; {@code JournalScan} reads what a crash left behind.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import org.jspecify.annotations.NullMarked;

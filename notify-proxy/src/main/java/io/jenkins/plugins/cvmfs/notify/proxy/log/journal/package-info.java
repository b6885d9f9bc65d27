/**
 * The memory of one proxy: the last announcement of each repository, kept across restarts in a journal file.
 *
 * <p>Everything that enters the activity log becomes an {@code IncomingMessage}, wherever it comes from: a publisher in standalone mode,
 * a queue or a stream of RabbitMQ otherwise. Messages wait in one bounded queue for the one thread of the {@code LogRecorder}, which
 * drops what it has seen before ({@code RecordBatch}), assigns each its position, writes a whole batch with one fsync, and only then
 * delivers the announcements and acknowledges the publishes ({@code Delivery}). Nothing else uses the {@code Journal}. Without a folder
 * there is nothing to wait for: each message is recorded on its caller's thread.
 *
 * <p>Start reading at {@code LogRecorder}; {@code JournalLog} is the activity log of standalone mode, made of little else. {@code
 * JournalFile} handles the file, {@code JournalFormat} has its bytes and reads what a crash left behind.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import org.jspecify.annotations.NullMarked;

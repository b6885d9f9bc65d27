package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** The real disk, but it can be full, its folder may refuse to be synced, and syncs of files can be counted and held up. */
final class FaultyDisk implements JournalFile.Disk {

    final AtomicInteger syncs = new AtomicInteger();
    final Semaphore syncsAllowed = new Semaphore(1_000_000);
    volatile boolean full;
    volatile boolean folderCannotBeSynced;

    @Override
    public FileChannel create(Path path) throws IOException {
        refuseIfFull();
        return new File(JournalFile.Disk.REAL.create(path));
    }

    @Override
    public void sync(FileChannel folder) throws IOException {
        if (folderCannotBeSynced) {
            throw new IOException("Input/output error");
        }
        JournalFile.Disk.REAL.sync(folder);
    }

    private void refuseIfFull() throws IOException {
        if (full) {
            throw new IOException("No space left on device");
        }
    }

    private final class File extends FileChannel {

        private final FileChannel real;

        File(FileChannel real) {
            this.real = real;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            if (full && source.remaining() > 1) {
                // As a real one: part of it fits.
                ByteBuffer half = source.slice(source.position(), source.remaining() / 2);
                source.position(source.position() + half.remaining());
                return real.write(half);
            }
            refuseIfFull();
            return real.write(source);
        }

        @Override
        public void force(boolean metaData) throws IOException {
            syncsAllowed.acquireUninterruptibly();
            syncs.incrementAndGet();
            real.force(metaData);
        }

        @Override
        public long size() throws IOException {
            return real.size();
        }

        @Override
        protected void implCloseChannel() throws IOException {
            real.close();
        }

        @Override
        public int read(ByteBuffer target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long read(ByteBuffer[] targets, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long position() {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel position(long newPosition) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel truncate(long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(ByteBuffer target, long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(ByteBuffer source, long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }
    }
}

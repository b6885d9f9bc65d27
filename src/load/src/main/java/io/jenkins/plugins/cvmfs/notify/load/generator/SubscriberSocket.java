package io.jenkins.plugins.cvmfs.notify.load.generator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.jenkins.plugins.cvmfs.notify.load.wire.MessageSink;
import io.jenkins.plugins.cvmfs.notify.load.wire.Numbered;
import io.jenkins.plugins.cvmfs.notify.load.wire.StreamParser;
import io.jenkins.plugins.cvmfs.notify.load.wire.WebSocketFrames;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One subscriber: sends its request, then reads. Used on the swarm's thread only. */
final class SubscriberSocket implements MessageSink {

    private static final byte[] NOTHING = {};
    private static final long ANY = -1;

    private final Recruits recruits;
    private final Arrivals arrivals;
    private final SocketChannel channel;
    private final Link link;
    private final SelectionKey key;
    private final int firstRepository;
    /** The last sequence of each repository; 0 while it has none, or {@link #ANY} if whichever comes next is right. */
    private final long[] last;

    private int missingFirstValues;
    private @Nullable StreamParser parser;
    private byte[] rest = NOTHING;
    private long readAtNanos;

    SubscriberSocket(Recruits recruits, Arrivals arrivals, SocketChannel channel, SelectionKey key, int number) {
        this.recruits = recruits;
        this.arrivals = arrivals;
        this.channel = channel;
        this.link = recruits.link(channel);
        this.key = key;
        this.firstRepository = recruits.firstRepositoryOf(number);
        this.last = new long[recruits.repositoriesEach()];
        this.missingFirstValues = last.length;
    }

    /** The connection stands or has something to read. */
    void ready(ByteBuffer buffer) throws IOException {
        if (key.isConnectable()) {
            var unused = channel.finishConnect();
            key.interestOps(SelectionKey.OP_READ);
            link.begin();
            link.write(recruits.request(firstRepository));
        } else {
            read(buffer);
        }
    }

    private void read(ByteBuffer buffer) throws IOException {
        buffer.clear().put(rest);
        if (link.read(buffer) < 0) {
            throw new EOFException("the server ended a subscriber's connection");
        }
        readAtNanos = System.nanoTime();
        buffer.flip();
        StreamParser known = parser == null ? readHead(buffer) : parser;
        if (known != null) {
            known.parse(buffer, this);
        }
        keepRest(buffer);
    }

    private void keepRest(ByteBuffer buffer) {
        int left = buffer.remaining();
        if (left > 0 || rest.length > 0) {
            rest = left == 0 ? NOTHING : new byte[left];
            buffer.get(rest);
        }
    }

    private @Nullable StreamParser readHead(ByteBuffer buffer) throws IOException {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        String text = new String(bytes, ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return null;
        }
        if (!text.startsWith("HTTP/1.1 101 ") && !text.startsWith("HTTP/1.1 200 ")) {
            throw new IOException(
                    "a subscriber was answered " + text.lines().findFirst().orElse(""));
        }
        buffer.position(buffer.position() + end + 4);
        StreamParser chosen = recruits.parser(text.substring(0, end + 2));
        parser = chosen;
        for (byte[] frame : recruits.afterUpgrade(firstRepository)) {
            link.write(frame);
        }
        return chosen;
    }

    @Override
    public void message(ByteBuffer buffer, int start, int length) {
        long sequence = Numbered.sequence(buffer, start);
        int repository = Numbered.repository(buffer, start);
        int slot = repository - firstRepository;
        if (sequence <= 0 || slot < 0 || slot >= last.length) {
            recruits.strange(this);
            return;
        }
        if (last[slot] == 0) {
            firstValue();
        } else {
            arrivals.arrived(repository, sequence, last[slot] == ANY ? sequence - 1 : last[slot], readAtNanos);
        }
        last[slot] = Math.max(last[slot], sequence);
    }

    @Override
    public void subscribed() {
        Arrays.fill(last, ANY);
        missingFirstValues = 1;
        firstValue();
    }

    private void firstValue() {
        missingFirstValues--;
        if (missingFirstValues == 0) {
            if (recruits.stalled()) {
                key.interestOps(0);
            }
            recruits.ready();
        }
    }

    @Override
    public void ping() {
        try {
            link.write(WebSocketFrames.pong());
        } catch (IOException e) {
            failed(e);
        }
    }

    /** It cannot go on; nor can an order to connect of which it is a part. */
    void failed(IOException e) {
        recruits.failed(this, e);
    }

    /** Ends with RST, so that tens of thousands leave no sockets behind. */
    void reset() {
        try {
            channel.setOption(java.net.StandardSocketOptions.SO_LINGER, 0);
            channel.close();
        } catch (IOException e) {
            // It is closed either way.
        }
    }

    @Override
    public String toString() {
        return "subscriber of " + Numbered.repository(firstRepository) + " at " + Arrays.toString(last);
    }
}

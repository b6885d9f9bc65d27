package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.EnumMap;
import java.util.Map;

/**
 * One announcement, encoded at most once for each wire format, for all subscribers of one event loop. Each loop has its own
 * copy: copying a kilobyte once costs less than two processors counting references on one buffer. Used on its loop only.
 */
final class SharedFrames {

    private final Announcement announcement;
    private final Map<WireFormat, Shared> frames = new EnumMap<>(WireFormat.class);

    SharedFrames(Announcement announcement) {
        this.announcement = announcement;
    }

    /** The frame for one more subscriber. This object owns it; a caller that keeps it beyond the call retains it. */
    ByteBuf in(WireFormat format) {
        Shared known = frames.get(format);
        if (known == null) {
            known = new Shared(format.encode(announcement, ByteBufAllocator.DEFAULT));
            frames.put(format, known);
        }
        known.uncounted++;
        return known.frame;
    }

    /** Counts those that were given out since it was last asked to. */
    void count(FanOutMetrics metrics) {
        frames.forEach((format, shared) -> {
            metrics.delivered(format, shared.uncounted);
            shared.uncounted = 0;
        });
    }

    /** Gives up the loop's own hold; what is being written keeps its own. Releasing twice is fine. */
    void release() {
        frames.values().forEach(shared -> shared.frame.release());
        frames.clear();
    }

    private static final class Shared {

        final ByteBuf frame;
        int uncounted;

        Shared(ByteBuf frame) {
            this.frame = frame;
        }
    }
}

package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Forgotten;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage.Source;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage.Source.Way;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * One reading of the stream, from the place of a known message or from the first. A stream that was deleted and made again has
 * other messages at the same places; so the first message must be the known one, else reading begins again at the first.
 */
final class StreamReader extends DefaultConsumer {

    /** How far it has come. */
    private sealed interface Phase {

        /** The first message must be this one. */
        record Resuming(LogEntry known) implements Phase {}

        /** What was missed is collected up to the fence. */
        record ClosingGap(StreamCatchUp gap) implements Phase {}

        /** Each message is passed on as it comes. */
        record Live(String epoch) implements Phase {}
    }

    private final StreamConsumer feed;
    private final MessageReader intake;
    private final FlowControl flow;
    private final Optional<LogEntry> resumeAt;
    private volatile Phase phase;
    private volatile long lastDeliveryNanos = System.nanoTime();

    StreamReader(Channel channel, StreamConsumer feed, MessageReader intake, Optional<LogEntry> resumeAt) {
        super(channel);
        this.feed = feed;
        this.intake = intake;
        this.flow = new FlowControl(channel);
        this.resumeAt = resumeAt;
        this.phase = resumeAt.<Phase>map(Phase.Resuming::new)
                .orElseGet(() -> new Phase.ClosingGap(new StreamCatchUp(intake, feed::isOpen, Optional.empty())));
    }

    void begin(String stream) throws IOException {
        Object offset = resumeAt.<Object>map(entry -> entry.position().offset()).orElse("first");
        getChannel().basicQos(FlowControl.PREFETCH);
        getChannel().basicConsume(stream, false, Map.of("x-stream-offset", offset), this);
    }

    /** Acknowledges what has been read, if that is due. On the link's thread. */
    void acknowledgeIfDue() throws IOException {
        flow.acknowledgeIfDue();
    }

    /** From any thread. */
    boolean isLive() {
        return phase instanceof Phase.Live;
    }

    /** Whether it began at a known message. */
    boolean isResumed() {
        return resumeAt.isPresent();
    }

    /** How long nothing has been delivered. From any thread. */
    long silentNanos() {
        return System.nanoTime() - lastDeliveryNanos;
    }

    @Override
    public void handleCancel(String tag) {
        feed.ended(
                new BrokerError(BrokerError.Kind.OTHER, "the stream was deleted, or none of its members is available"));
    }

    @Override
    public void handleShutdownSignal(String tag, ShutdownSignalException cause) {
        if (feed.isCurrent(this)) {
            feed.ended(BrokerError.of(cause));
        }
    }

    @Override
    public void handleDelivery(String tag, Envelope envelope, BasicProperties properties, byte[] body)
            throws IOException {
        lastDeliveryNanos = System.nanoTime();
        Optional<StreamMessage> message = StreamMessage.of(envelope.getRoutingKey(), properties, body);
        if (message.isEmpty()) {
            feed.ended(new BrokerError(BrokerError.Kind.OTHER, "the queue that should be a stream is none"));
            return;
        }
        try {
            if (message.get().key().equals(RoutingKeys.UNBOUND)) {
                feed.unbound(message.get());
            }
            take(message.get());
            if (feed.isCurrent(this)) {
                flow.done(envelope.getDeliveryTag());
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private void take(StreamMessage message) throws IOException, InterruptedException {
        if (!feed.isCurrent(this)) {
            return;
        }
        if (phase instanceof Phase.Resuming resuming) {
            resume(resuming.known(), message);
        } else if (phase instanceof Phase.ClosingGap closing) {
            collect(closing.gap(), message);
        } else if (phase instanceof Phase.Live live) {
            passOn(live.epoch(), message);
        }
    }

    private void resume(LogEntry known, StreamMessage message) throws IOException {
        LogPosition position = known.position();
        boolean isKnown = message.offset() == position.offset()
                && Arrays.equals(message.body(), known.announcement().message().raw());
        if (isKnown) {
            phase = new Phase.ClosingGap(new StreamCatchUp(intake, feed::isOpen, Optional.of(position.epoch())));
        } else {
            feed.readFromFirst(this);
        }
    }

    private void collect(StreamCatchUp gap, StreamMessage message) throws InterruptedException {
        feed.noteRead(message, gap.add(message).orElse(null));
        if (message.isFenceOf(feed.session())) {
            phase = new Phase.Live(gap.epoch());
            feed.gapClosed(gap, !isResumed());
        }
    }

    private void passOn(String epoch, StreamMessage message) throws InterruptedException {
        if (RoutingKeys.isOurs(message.key())) {
            feed.noteRead(message, null);
            if (message.isForget()) {
                Optional<Forgotten> order = intake.forget(message.label(), message.body());
                if (order.isPresent()) {
                    intake.ledger().forget(order.get());
                }
            }
            return;
        }
        Way way = message.label().isCopy() ? Way.STREAM_COPY : Way.STREAM;
        Source source = Source.stream(way, new LogPosition(epoch, message.offset()));
        var activity = intake.read(message.key(), message.body());
        feed.noteRead(
                message,
                activity.map(ActivityMessage::repository)
                        .filter(name -> way == Way.STREAM || feed.isCopyOfLast(name, message))
                        .orElse(null));
        if (activity.isPresent()) {
            intake.ledger().put(intake.arrival(activity.get(), message.label(), source));
        }
    }
}

package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DurationText;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Forgotten;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage.Way;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LastValues;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogRecorder;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerCommands.OutgoingMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads from the stream that all proxies share. It keeps what is published while this proxy is not connected, so no other proxy has to be asked:
 * a fence is published, and what stands before it in the stream is what was missed.
 */
final class StreamConsumer implements BrokerConsumer {

    /** A stream that drops its oldest part by age does so when it begins a new segment, long after this. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMinutes(1);

    private static final String OFFSET = "x-stream-offset";

    private final Connection connection;
    private final String stream;
    private final MessageReader messages;
    private final LogRecorder recorder;
    private final OpenPublishes publishes;
    private final BrokerCommands commands;
    private final Duration patience;
    private final StreamRefresh refresh;
    private final PeerProbes probes;
    private final UUID session = UUID.randomUUID();

    private volatile @Nullable Reading reading;
    private volatile Optional<String> epoch = Optional.empty();
    private volatile boolean caughtUp;
    private long lookedNanos;

    /**
     * @param commands takes what is to be published, and the reason when reading ends
     * @param refresh finds the last values that the stream would drop
     * @param probes is told of the probes of other proxies
     * @param patience how long the stream may deliver nothing although the fence must be in it
     */
    StreamConsumer(
            Connection connection,
            String stream,
            MessageReader messages,
            OpenPublishes publishes,
            BrokerCommands commands,
            StreamRefresh refresh,
            PeerProbes probes,
            Duration patience) {
        this.connection = connection;
        this.stream = stream;
        this.messages = messages;
        this.recorder = messages.recorder();
        this.publishes = publishes;
        this.commands = commands;
        this.refresh = refresh;
        this.probes = probes;
        this.patience = patience;
    }

    @Override
    public String kind() {
        return "stream";
    }

    @Override
    public String queue() {
        return stream;
    }

    @Override
    public List<String> keys() {
        return List.of(RoutingKeys.FENCE, RoutingKeys.UNBOUND, RoutingKeys.FORGOTTEN);
    }

    /** The stream keeps its bindings for longer than a session, so it is the same in each session of a proxy. */
    @Override
    public String probeKey() {
        return RoutingKeys.probe(recorder.ownEpoch());
    }

    @Override
    public void begin(ConfirmingPublisher publisher) throws IOException {
        LastValues known = recorder.lastValues();
        read(known.lastOfStream(recorder.ownEpoch()));
        String claim = session.toString().replace("-", "").substring(0, 16);
        publisher.send(
                new OutgoingMessage(RoutingKeys.FENCE, MessageProperties.question(session, claim, null), new byte[0]));
    }

    private synchronized void read(Optional<LogEntry> from) throws IOException {
        from.map(LogEntry::position).ifPresentOrElse(refresh::resumesAt, refresh::readsAll);
        Reading next = new Reading(connection.createChannel(), from);
        reading = next;
        next.begin();
    }

    /** The position to resume at is not in the stream: it is another stream, or what was there has been dropped from it. */
    private synchronized void readFromFirst(Reading instead) throws IOException {
        if (reading == instead) {
            read(Optional.empty());
            instead.getChannel().abort();
        }
    }

    @Override
    public void added(List<RepositoryName> repositories, ConfirmingPublisher publisher) {}

    /** All proxies share the stream and its bindings: one that needs them binds them again. */
    @Override
    public void removed(List<RepositoryName> repositories, ConfirmingPublisher publisher) throws IOException {
        String names = repositories.stream().map(RepositoryName::value).collect(Collectors.joining("\n"));
        publisher.send(new OutgoingMessage(
                RoutingKeys.UNBOUND,
                MessageProperties.question(session, null, null),
                names.getBytes(StandardCharsets.US_ASCII)));
    }

    /** Another proxy may have unbound what this one needs. On the consumer's thread. */
    void unbound(StreamMessage message) {
        if (!session.equals(message.properties().idOrNull())) {
            commands.rebindLater(new String(message.body(), StandardCharsets.US_ASCII)
                    .lines()
                    .flatMap(StreamConsumer::repository)
                    .collect(Collectors.toSet()));
        }
    }

    /** Other programs may write to the exchange. */
    private static Stream<RepositoryName> repository(String line) {
        try {
            return Stream.of(new RepositoryName(line));
        } catch (InvalidInputException foreign) {
            return Stream.empty();
        }
    }

    @Override
    public void check() throws IOException {
        checkReading();
        if (caughtUp) {
            if (lookedNanos == 0 || System.nanoTime() - lookedNanos > BETWEEN_LOOKS.toNanos()) {
                lookedNanos = System.nanoTime();
                lookForBeginning();
            }
            commands.sendLater(refresh.due());
        }
    }

    /** A position behind the stream's end is never delivered; the client library does not report that. */
    private synchronized void checkReading() throws IOException {
        Reading present = Objects.requireNonNull(reading);
        // Under the lock: not on the channel of a reading that another one has just replaced, which is closed.
        present.flow.acknowledgeIfDue();
        if (!present.isLive() && silence().compareTo(patience) > 0) {
            if (present.resumeAt.isPresent()) {
                readFromFirst(present);
            } else {
                end("the stream has delivered nothing for " + DurationText.of(patience));
            }
        }
    }

    /**
     * Finds out where the stream begins, which the broker reports only by delivering its first message; does not wait for it. A policy may
     * limit the stream more than this proxy knows.
     */
    private void lookForBeginning() throws IOException {
        Channel channel = connection.createChannel();
        channel.basicQos(1);
        channel.basicConsume(stream, false, Map.of(OFFSET, "first"), new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, BasicProperties properties, byte[] body)
                    throws IOException {
                StreamMessage.of(envelope.getRoutingKey(), properties, body)
                        .ifPresent(first -> refresh.beginsAt(first.offset()));
                getChannel().abort();
            }
        });
    }

    @Override
    public boolean isCaughtUp() {
        return caughtUp;
    }

    @Override
    public Duration silence() {
        Reading present = reading;
        return present == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - present.lastDeliveryNanos);
    }

    @Override
    public Optional<String> epoch() {
        return epoch;
    }

    private void end(String sentence) {
        commands.end(new BrokerError(BrokerError.Kind.OTHER, sentence));
    }

    /**
     * The fence has been read.
     *
     * @param end the offset of the fence
     * @param isWholeStream whether the gap is everything that the stream holds
     */
    private void gapClosed(StreamCatchUp gap, long end, boolean isWholeStream) throws InterruptedException {
        recorder.read(gap.positions());
        // Messages that were delivered ahead of the stream, and do not stand in it before the fence, are missing there.
        recorder.afterwards(publishes::closeUnread);
        for (Forgotten order : gap.forgets()) {
            recorder.forget(order);
        }
        for (IncomingMessage last : gap.lastMessages()) {
            recorder.put(last);
        }
        recorder.readUpTo(new LogPosition(gap.epoch(), end));
        recorder.afterwards(() -> {
            gap.superseded().forEach(publishes::recorded);
            if (isWholeStream) {
                addMissing(gap);
            }
            epoch = Optional.of(gap.epoch());
            caughtUp = true;
        });
    }

    /** A new stream, or one whose limit has been reached, lacks last values that this proxy still has. */
    private void addMissing(StreamCatchUp gap) {
        commands.sendLater(recorder.lastValues().all().stream()
                .filter(entry -> !entry.position().epoch().equals(gap.epoch()) && !gap.holds(entry))
                .map(PeerSync::copyToStream)
                .toList());
    }

    /**
     * A message as it stands in the stream.
     *
     * @param offset its position in the stream
     * @param key the routing key it was published with
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, only passed on
    record StreamMessage(long offset, String key, MessageProperties properties, byte[] body) {

        /** Empty if it was not delivered by a stream. */
        static Optional<StreamMessage> of(String key, BasicProperties properties, byte[] body) {
            return properties.getHeaders() != null && properties.getHeaders().get(OFFSET) instanceof Long offset
                    ? Optional.of(new StreamMessage(offset, key, MessageProperties.of(properties), body))
                    : Optional.empty();
        }

        boolean isFence() {
            return key.equals(RoutingKeys.FENCE);
        }

        boolean isForget() {
            return key.equals(RoutingKeys.FORGOTTEN);
        }
    }

    /** How far a reading has come. */
    private sealed interface Phase {

        /** The first message must be this one. */
        record Resuming(LogEntry known) implements Phase {}

        /** Missed announcements are collected up to the fence. */
        record ClosingGap(StreamCatchUp gap) implements Phase {}

        /** Each message is passed on as it comes. */
        record Live(String epoch) implements Phase {}
    }

    /**
     * One reading of the stream, from the position of a known message or from the first. A stream that was deleted and declared again has
     * other messages at the same positions; so the first message must be the known one, else reading starts over at the first.
     */
    private final class Reading extends DefaultConsumer {

        private final FlowControl flow;
        private final Optional<LogEntry> resumeAt;
        private volatile Phase phase;
        private volatile long lastDeliveryNanos = System.nanoTime();

        Reading(Channel channel, Optional<LogEntry> resumeAt) {
            super(channel);
            this.flow = new FlowControl(channel);
            this.resumeAt = resumeAt;
            this.phase = resumeAt.<Phase>map(Phase.Resuming::new)
                    .orElseGet(() -> new Phase.ClosingGap(gap(Optional.empty())));
        }

        private StreamCatchUp gap(Optional<String> epoch) {
            return new StreamCatchUp(messages, publishes::isOpen, epoch);
        }

        void begin() throws IOException {
            Object offset =
                    resumeAt.<Object>map(entry -> entry.position().offset()).orElse("first");
            getChannel().basicQos(FlowControl.PREFETCH);
            getChannel().basicConsume(stream, false, Map.of(OFFSET, offset), this);
        }

        boolean isLive() {
            return phase instanceof Phase.Live;
        }

        /** Returns whether no other reading has replaced this one. From any thread. */
        private boolean isCurrent() {
            return reading == this;
        }

        @Override
        public void handleCancel(String tag) {
            end("the stream was deleted, or none of its members is available");
        }

        @Override
        public void handleShutdownSignal(String tag, ShutdownSignalException cause) {
            if (isCurrent()) {
                commands.end(BrokerError.of(cause));
            }
        }

        @Override
        public void handleDelivery(String tag, Envelope envelope, BasicProperties properties, byte[] body)
                throws IOException {
            lastDeliveryNanos = System.nanoTime();
            Optional<StreamMessage> message = StreamMessage.of(envelope.getRoutingKey(), properties, body);
            if (message.isEmpty()) {
                end("the queue that should be a stream is not one");
                return;
            }
            try {
                if (message.get().key().equals(RoutingKeys.UNBOUND)) {
                    unbound(message.get());
                } else if (RoutingKeys.isProbe(message.get().key())
                        && !message.get().key().equals(probeKey())) {
                    probes.read(message.get().key());
                }
                if (isCurrent()) {
                    take(message.get());
                }
                if (isCurrent()) {
                    flow.done(envelope.getDeliveryTag());
                }
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            }
        }

        private void take(StreamMessage message) throws IOException, InterruptedException {
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
            if (message.offset() == position.offset() && Arrays.equals(message.body(), known.body())) {
                phase = new Phase.ClosingGap(gap(Optional.of(position.epoch())));
            } else {
                readFromFirst(this);
            }
        }

        private void collect(StreamCatchUp gap, StreamMessage message) throws InterruptedException {
            noteRead(message, gap.add(message).orElse(null));
            if (message.isFence() && session.equals(message.properties().idOrNull())) {
                phase = new Phase.Live(gap.epoch());
                gapClosed(gap, message.offset(), resumeAt.isEmpty());
            }
        }

        private void passOn(String epoch, StreamMessage message) throws InterruptedException {
            if (message.isForget()) {
                Optional<Forgotten> order = messages.forget(message.properties(), message.body());
                noteRead(
                        message,
                        order.filter(recorder.lastValues()::isInForce)
                                .map(Forgotten::repository)
                                .orElse(null));
                if (order.isPresent()) {
                    recorder.forget(order.get());
                }
            } else if (RoutingKeys.isOurs(message.key())) {
                noteRead(message, null);
            } else {
                Way way = message.properties().isCopy() ? Way.STREAM_COPY : Way.STREAM;
                Optional<ActivityMessage> activity = activity(message);
                noteRead(
                        message,
                        activity.map(ActivityMessage::repository)
                                .filter(name -> way == Way.STREAM || isCopyOfLast(name, message))
                                .orElse(null));
                if (activity.isPresent()) {
                    recorder.put(messages.incoming(
                            activity.get(), message.properties(), way, new LogPosition(epoch, message.offset())));
                }
            }
        }

        /** A publish of this proxy has been parsed already. */
        private Optional<ActivityMessage> activity(StreamMessage message) {
            return publishes
                    .message(message.properties().idOrNull(), message.body())
                    .filter(own -> RoutingKeys.of(own.repository()).equals(message.key()))
                    .or(() -> messages.read(message.key(), message.body()));
        }

        private void noteRead(StreamMessage message, @Nullable RepositoryName lastOfOrNull) {
            refresh.read(message.offset(), message.body().length, lastOfOrNull);
        }

        /** Returns whether a copy is one of the last value that this proxy knows. A message of another program has no id. */
        private boolean isCopyOfLast(RepositoryName repository, StreamMessage message) {
            UUID id = message.properties().idOrNull();
            return recorder.lastValues()
                    .of(repository)
                    .filter(last -> Objects.equals(last.idOrNull(), id))
                    .filter(last -> id != null || Arrays.equals(last.body(), message.body()))
                    .isPresent();
        }
    }
}

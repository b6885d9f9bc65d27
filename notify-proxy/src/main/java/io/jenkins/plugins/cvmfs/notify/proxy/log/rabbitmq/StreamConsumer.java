package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.Connection;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Forgotten;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LastValues;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerCommand.Parcel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads from the stream that all proxies share. It keeps what is published while this proxy is away, so there is nobody to ask: a
 * fence is published, and what stands before it in the stream is what was missed.
 */
final class StreamConsumer implements BrokerConsumer {

    /** A stream that drops its oldest part by age does so when it begins a new segment, long after this. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMinutes(1);

    private final Connection connection;
    private final String stream;
    private final MessageReader intake;
    private final UnconfirmedPublishes appends;
    private final BrokerCommands outbox;
    private final Duration patience;
    private final StreamRefresh refresh;
    private final UUID session = UUID.randomUUID();
    private volatile Optional<StreamReader> reader = Optional.empty();
    private volatile Optional<String> epoch = Optional.empty();
    private volatile boolean caughtUp;
    private long lookedNanos;

    /**
     * @param outbox takes what is to be published, and hears when reading has come to an end
     * @param refresh sees to values that the stream would drop
     * @param patience how long the stream may deliver nothing although the fence must be in it
     */
    StreamConsumer(
            Connection connection,
            String stream,
            MessageReader intake,
            UnconfirmedPublishes appends,
            BrokerCommands outbox,
            StreamRefresh refresh,
            Duration patience) {
        this.connection = connection;
        this.stream = stream;
        this.intake = intake;
        this.appends = appends;
        this.outbox = outbox;
        this.refresh = refresh;
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
        return RoutingKeys.probe(intake.ledger().ownEpoch());
    }

    @Override
    public void begin(ConfirmingPublisher publisher) throws IOException {
        LastValues known = intake.ledger().lastValues();
        read(known.lastOfStream(intake.ledger().ownEpoch()));
        String claim = session.toString().replace("-", "").substring(0, 16);
        publisher.send(new Parcel(RoutingKeys.FENCE, MessageProperties.question(session, claim, null), new byte[0]));
    }

    private synchronized void read(Optional<LogEntry> from) throws IOException {
        from.map(LogEntry::position).ifPresentOrElse(refresh::resumesAt, refresh::readsAll);
        StreamReader next = new StreamReader(connection.createChannel(), this, intake, from);
        reader = Optional.of(next);
        next.begin(stream);
    }

    /** The place to resume at is not in the stream: it is another stream, or what was there has been dropped from it. */
    synchronized void readFromFirst(StreamReader instead) throws IOException {
        if (isCurrent(instead)) {
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
        publisher.send(new Parcel(
                RoutingKeys.UNBOUND,
                MessageProperties.question(session, null, null),
                names.getBytes(StandardCharsets.US_ASCII)));
    }

    /** Another proxy may have unbound what this one needs. On the consumer's thread. */
    void unbound(StreamMessage message) {
        if (!session.equals(message.label().idOrNull())) {
            outbox.rebindLater(new String(message.body(), StandardCharsets.US_ASCII)
                    .lines()
                    .flatMap(StreamConsumer::repository)
                    .collect(Collectors.toSet()));
        }
    }

    /** Anyone may write to the exchange. */
    private static Stream<RepositoryName> repository(String line) {
        try {
            return Stream.of(new RepositoryName(line));
        } catch (InvalidInputException notOurs) {
            return Stream.empty();
        }
    }

    @Override
    public void check() throws IOException {
        acknowledgeIfDue();
        checkReading();
        if (caughtUp) {
            lookForBeginning();
            outbox.sendLater(copies(refresh.due()));
        }
    }

    /** Not on the channel of a reading that another one has just replaced, which is closed. */
    private synchronized void acknowledgeIfDue() throws IOException {
        reader.orElseThrow().acknowledgeIfDue();
    }

    private void lookForBeginning() throws IOException {
        if (lookedNanos == 0 || System.nanoTime() - lookedNanos > BETWEEN_LOOKS.toNanos()) {
            lookedNanos = System.nanoTime();
            StreamBeginning.look(connection, stream, refresh::beginsAt);
        }
    }

    /** A place behind the stream's end is never delivered; the client library does not say so. */
    private void checkReading() throws IOException {
        StreamReader present = reader.orElseThrow();
        if (!present.isLive() && present.silentNanos() > patience.toNanos()) {
            if (present.isResumed()) {
                readFromFirst(present);
            } else {
                ended(new BrokerError(BrokerError.Kind.OTHER, "the stream has delivered nothing for " + patience));
            }
        }
    }

    @Override
    public boolean isCaughtUp() {
        return caughtUp;
    }

    @Override
    public Duration silence() {
        return Duration.ofNanos(reader.map(StreamReader::silentNanos).orElse(0L));
    }

    @Override
    public Optional<String> epoch() {
        return epoch;
    }

    /** Whether this reading counts, and no other has taken over. From any thread. */
    boolean isCurrent(StreamReader candidate) {
        return reader.filter(present -> present == candidate).isPresent();
    }

    /** Whether this proxy has a publish, or an order to forget, with this id that is not yet known to be safe. From any thread. */
    boolean isOpen(UUID id) {
        return appends.isOpen(id);
    }

    UUID session() {
        return session;
    }

    /** Notes where what was read stands. On the consumer's thread. */
    void noteRead(StreamMessage message, @Nullable RepositoryName lastOfOrNull) {
        refresh.read(message.offset(), message.body().length, lastOfOrNull);
    }

    /** Whether a copy is one of the last value that this proxy knows. A message of a foreign publisher has no id to know it by. */
    boolean isCopyOfLast(RepositoryName repository, StreamMessage message) {
        UUID id = message.label().idOrNull();
        return intake.ledger()
                .lastValues()
                .of(repository)
                .filter(last -> Objects.equals(last.idOrNull(), id))
                .filter(last -> id != null
                        || Arrays.equals(last.announcement().message().raw(), message.body()))
                .isPresent();
    }

    void ended(BrokerError trouble) {
        outbox.end(trouble);
    }

    /**
     * The fence has been read.
     *
     * @param isWholeStream whether the gap is everything that the stream holds
     */
    void gapClosed(StreamCatchUp gap, boolean isWholeStream) throws InterruptedException {
        for (Forgotten order : gap.forgets()) {
            intake.ledger().forget(order);
        }
        for (IncomingMessage arrival : gap.lastArrivals()) {
            intake.ledger().put(arrival);
        }
        intake.ledger().afterwards(() -> {
            gap.superseded().forEach(appends::recorded);
            if (isWholeStream) {
                addMissing(gap);
            }
            epoch = Optional.of(gap.epoch());
            caughtUp = true;
        });
    }

    /** A new stream, or one whose limit has been reached, lacks last values that this proxy still has. */
    private void addMissing(StreamCatchUp gap) {
        List<LogEntry> missing = intake.ledger().lastValues().all().stream()
                .filter(entry -> !entry.position().epoch().equals(gap.epoch()) && !gap.holds(entry))
                .toList();
        outbox.sendLater(copies(missing));
    }

    private static List<Parcel> copies(List<LogEntry> entries) {
        return entries.stream()
                .map(entry -> PeerSync.copy(RoutingKeys.of(entry.repository()), entry))
                .toList();
    }
}

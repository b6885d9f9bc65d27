package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConfirmCallback;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.message.MessageFormatException;
import io.jenkins.plugins.cvmfs.notify.proxy.abuse.Effort;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Forgotten;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogRecorder;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerCommands.Command;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerCommands.OutgoingMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.OpenPublishes.OpenPublish;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Several proxies on one stream, in every order that a seed gives: publishes, what the broker appends, confirms, loses with a connection
 * and delivers late, reconnects, restarts and time limits. In some, one proxy has a journal; nothing is sent twice there, as a proxy that
 * starts with a journal knows few of the ids from before the place where it continues to read. The broker is a list, the rest is the
 * product's code, on one thread. A message is known by its revision; revisions say nothing about the order, as after a rollback.
 */
class StreamInterleavingsTest {

    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Instant START = Instant.parse("2026-11-23T21:13:15Z");
    private static final List<String> REPOSITORIES = List.of("a.example.org", "b.example.org", "c.example.org");
    private static final int STEPS = 300;

    @TempDir
    Path folder;

    private final List<StoredMessage> stream = new ArrayList<>();
    private final List<ProxyOnStream> proxies = new ArrayList<>();
    private final List<AnsweredPublish> answered = new ArrayList<>();
    private final List<Order> orders = new ArrayList<>();
    private Random random = new Random();
    private Instant now = START;
    private long serial;
    private UUID lastOrder = new UUID(0, 0);
    private boolean isJournaled;
    private boolean isForgetting;

    /** A message that the broker has been sent. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, only passed on
    private record StoredMessage(String key, BasicProperties properties, byte[] body) {

        Optional<ActivityMessage> announcement() {
            try {
                return RoutingKeys.isOurs(key) ? Optional.empty() : Optional.of(ActivityMessage.parse(body));
            } catch (MessageFormatException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** A publish that was answered with success, and the last value of its proxy then. */
    private record AnsweredPublish(String proxy, ActivityMessage message, long lastSerial) {}

    /** In the stream, the earlier message must not stand behind the later one. */
    private record Order(String why, long earlier, long later) {}

    static LongStream seeds() {
        long first = Long.getLong("fuzz.seed", Effort.isLong() ? new Random().nextLong() >>> 16 : 1);
        return LongStream.range(first, first + Effort.choose(64, 20_000));
    }

    @AfterEach
    void close() {
        proxies.forEach(ProxyOnStream::close);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void allProxiesEndWithTheLastMessageOfTheLogAndNoneGoesBack(long seed) throws Exception {
        random = new Random(seed);
        int count = 2 + random.nextInt(2);
        isJournaled = seed % 8 == 0;
        isForgetting = seed % 8 == 1;
        for (int i = 0; i < count; i++) {
            boolean hasJournal = isJournaled && i == 0;
            proxies.add(new ProxyOnStream("proxy" + i, hasJournal, isForgetting ? 0 : random.nextInt(10_000) - 5_000));
        }
        for (int step = 0; step < STEPS; step++) {
            step();
        }
        finish();
        check();
    }

    private void step() throws Exception {
        now = now.plusMillis(random.nextInt(20));
        ProxyOnStream proxy = proxies.get(random.nextInt(proxies.size()));
        int dice = random.nextInt(100);
        if (dice < 22) {
            proxy.publish(REPOSITORIES.get(random.nextInt(REPOSITORIES.size())));
        } else if (dice < 24) {
            if (isForgetting) {
                proxy.forget(REPOSITORIES.get(0));
            } else if (!isJournaled) {
                publishAtTwo(proxy);
            }
        } else if (dice < 48) {
            proxy.append(1 + random.nextInt(3));
        } else if (dice < 66) {
            proxy.confirm();
        } else if (dice < 86) {
            proxy.read(1 + random.nextInt(4));
        } else if (dice < 90) {
            proxy.work();
        } else if (dice < 92 && !isJournaled) {
            proxy.disconnect();
        } else if (dice < 97) {
            if (proxy.session == null || !isJournaled) {
                proxy.connect();
            }
        } else if (dice < 98) {
            proxy.loseOne();
        } else if (dice < 99) {
            proxy.restart();
        } else {
            resume(proxy, proxies.get(random.nextInt(proxies.size())));
        }
        noteAnswers();
        if (random.nextInt(4) == 0) {
            resume(proxy, proxies.get(random.nextInt(proxies.size())));
        }
    }

    /** As two pollers do that read the same at a stratum 0. */
    private void publishAtTwo(ProxyOnStream proxy) {
        UUID id = new UUID(random.nextLong(), random.nextLong());
        ActivityMessage message = Activities.message(REPOSITORIES.get(0), ++serial);
        proxy.publish(message, id, true);
        proxies.get(random.nextInt(proxies.size())).publish(message, id, true);
    }

    private void noteAnswers() {
        for (ProxyOnStream proxy : proxies) {
            List<OpenPublish> done =
                    proxy.publishing.stream().filter(OpenPublish::isDone).toList();
            proxy.publishing.removeAll(done);
            done.stream()
                    .filter(publish -> !publish.answer().isCompletedExceptionally())
                    .forEach(publish -> {
                        Announcement last =
                                proxy.listener.last.get(publish.message().repository());
                        if (last != null) {
                            answered.add(new AnsweredPublish(proxy.name, publish.message(), serialOf(last.message())));
                        } else {
                            assertThat(isForgetting)
                                    .as("nothing is the last value")
                                    .isTrue();
                        }
                        assertThat(firstIndex(serialOf(publish.message())))
                                .as("%s answered %s", proxy.name, publish.message())
                                .isNotNegative();
                    });
        }
    }

    /** A subscriber that has all that one proxy has delivered continues at another. */
    private void resume(ProxyOnStream from, ProxyOnStream at) {
        LogPosition lastEvent = from.listener.lastEvent;
        if (lastEvent == null) {
            return;
        }
        LogPosition id = LogPosition.parse(lastEvent.toString()).orElseThrow();
        at.listener.last.forEach((repository, last) -> {
            if (!last.position().isPerhapsAfter(id)) {
                Announcement has = from.listener.last.get(repository);
                if (has == null && isForgetting) {
                    return;
                }
                assertThat(has)
                        .as("subscriber of %s that continues at %s after %s lacks %s", from.name, at.name, id, last)
                        .isNotNull();
                orders.add(new Order(
                        "continued at %s after %s".formatted(at.name, id),
                        serialOf(last.message()),
                        serialOf(has.message())));
            }
        });
    }

    private void finish() throws Exception {
        int before = -1;
        for (int quiet = 0; quiet < 3; quiet++) {
            for (ProxyOnStream proxy : proxies) {
                if (proxy.session == null) {
                    proxy.connect();
                }
                proxy.append(Integer.MAX_VALUE);
                proxy.confirmAll();
                proxy.read(Integer.MAX_VALUE);
                proxy.work();
            }
            noteAnswers();
            quiet = stream.size() == before ? quiet : 0;
            before = stream.size();
        }
    }

    private void check() {
        for (String repository : REPOSITORIES) {
            long expected = isForgetting ? proxies.get(0).lastSerial(repository) : lastSerial(repository);
            for (ProxyOnStream proxy : proxies) {
                assertThat(proxy.lastSerial(repository))
                        .as("last value of %s at %s, log %s", repository, proxy.name, describe(repository))
                        .isEqualTo(expected);
            }
        }
        for (ProxyOnStream proxy : proxies) {
            assertThat(proxy.publishing).as("waiting at %s", proxy.name).isEmpty();
            assertThat(proxy.publishes.size()).as("open at %s", proxy.name).isZero();
        }
        for (AnsweredPublish each : answered) {
            long own = serialOf(each.message());
            orders.add(new Order("read your own write at " + each.proxy(), own, each.lastSerial()));
        }
        for (Order order : orders) {
            assertThat(firstIndex(order.earlier()))
                    .as("%s; log %s", order, describe(null))
                    .isLessThanOrEqualTo(firstIndex(order.later()));
        }
    }

    /** The first time that a message comes counts. */
    private long lastSerial(String repository) {
        Set<Long> seen = new HashSet<>();
        return stream.stream()
                .flatMap(stored -> stored.announcement().stream())
                .filter(message -> message.repository().value().equals(repository))
                .map(StreamInterleavingsTest::serialOf)
                .filter(seen::add)
                .reduce(0L, (earlier, later) -> later);
    }

    private long firstIndex(long serialOrNone) {
        for (int i = 0; i < stream.size(); i++) {
            if (stream.get(i)
                            .announcement()
                            .map(StreamInterleavingsTest::serialOf)
                            .orElse(-1L)
                    == serialOrNone) {
                return i;
            }
        }
        return -1;
    }

    private static long serialOf(ActivityMessage message) {
        return message.revision().bits();
    }

    private List<String> describe(@Nullable String repositoryOrNull) {
        return stream.stream()
                .flatMap(
                        stored -> stored.announcement().stream().map(message -> stream.indexOf(stored) + "=" + message))
                .filter(text -> repositoryOrNull == null || text.contains(repositoryOrNull))
                .toList();
    }

    /** Notes the order of what it is told. */
    private final class CheckingListener implements LogListener {

        private final Map<RepositoryName, Announcement> last = new HashMap<>();
        private final Set<Long> seen = new HashSet<>();
        private final String name;
        private @Nullable LogPosition lastEvent;

        CheckingListener(String name) {
            this.name = name;
        }

        @Override
        public void delivered(Announcement announcement) {
            long now = serialOf(announcement.message());
            assertThat(seen.add(now)).as("%s got %s twice", name, announcement).isTrue();
            Announcement before = last.put(announcement.message().repository(), announcement);
            if (before != null) {
                orders.add(new Order("delivered at " + name, serialOf(before.message()), now));
            }
            lastEvent = announcement.position();
        }

        @Override
        public void forgotten(RepositoryName repository) {
            last.remove(repository);
        }

        @Override
        public void located(Announcement announcement) {
            last.computeIfPresent(
                    announcement.message().repository(),
                    (repository, known) -> known.message() == announcement.message() ? announcement : known);
        }
    }

    /** One connection to the broker: what the proxy has sent and the broker has not seen, and what the broker has not confirmed. */
    private final class SessionOnStream {

        private final Deque<Map.Entry<Long, StoredMessage>> sent = new ArrayDeque<>();
        private final List<Long> toConfirm = new ArrayList<>();
        private final BrokerCommands commands = new BrokerCommands(10_000);
        private final StreamConsumer consumer;
        private final ConfirmingPublisher publisher;
        private @Nullable ConfirmCallback acks;
        private @Nullable DefaultConsumer reading;
        private long number = 1;
        private int cursor;
        private long tag;

        SessionOnStream(ProxyOnStream proxy) throws IOException {
            consumer = new StreamConsumer(
                    fake(Connection.class),
                    "stream",
                    proxy.messages,
                    proxy.publishes,
                    commands,
                    proxy.refresh,
                    new PeerProbes(LONG, System::nanoTime),
                    LONG);
            publisher = new ConfirmingPublisher(
                    fake(Channel.class), "exchange", proxy.publishes, proxy.recorder, consumer::epoch, commands::offer);
            consumer.begin(publisher);
        }

        private <T> T fake(Class<T> type) {
            return type.cast(Proxy.newProxyInstance(
                    type.getClassLoader(), new Class<?>[] {type}, (self, method, args) -> switch (method.getName()) {
                        case "createChannel" -> fake(Channel.class);
                        case "getNextPublishSeqNo" -> number;
                        case "basicPublish" -> publish(args);
                        case "addConfirmListener" -> {
                            acks = (ConfirmCallback) args[0];
                            yield null;
                        }
                        case "basicConsume" -> consume((Map<?, ?>) args[2], (DefaultConsumer) args[3]);
                        default -> null;
                    }));
        }

        private @Nullable Object publish(Object[] args) {
            BasicProperties properties = (BasicProperties) args[args.length - 2];
            byte[] body = (byte[]) args[args.length - 1];
            sent.add(Map.entry(number++, new StoredMessage((String) args[1], properties, body)));
            return null;
        }

        /** The stream's beginning is looked for by another consumer, which is told nothing here. */
        private String consume(Map<?, ?> arguments, DefaultConsumer by) {
            if (by.getClass().getSimpleName().equals("Reading")) {
                reading = by;
                cursor = arguments.get("x-stream-offset") instanceof Long from ? from.intValue() : 0;
            }
            return "tag";
        }

        /** The broker takes so many messages. */
        void append(int most) {
            for (int i = 0; i < most && !sent.isEmpty(); i++) {
                Map.Entry<Long, StoredMessage> first = sent.remove();
                stream.add(first.getValue());
                toConfirm.add(first.getKey());
            }
        }

        void confirm(boolean multiple, int index) throws IOException {
            if (!toConfirm.isEmpty()) {
                int chosen = Math.min(index, toConfirm.size() - 1);
                long confirmed = toConfirm.get(chosen);
                (multiple ? toConfirm.subList(0, chosen + 1) : toConfirm.subList(chosen, chosen + 1)).clear();
                Objects.requireNonNull(acks).handle(confirmed, multiple);
            }
        }

        void read(int most) throws IOException {
            for (int i = 0; i < most && cursor < stream.size(); i++) {
                StoredMessage stored = stream.get(cursor);
                Map<String, Object> headers = new HashMap<>(stored.properties().getHeaders());
                headers.put("x-stream-offset", (long) cursor++);
                Objects.requireNonNull(reading)
                        .handleDelivery(
                                "tag",
                                new Envelope(++tag, false, "exchange", stored.key()),
                                stored.properties().builder().headers(headers).build(),
                                stored.body());
            }
        }
    }

    /** One proxy; its memory is lost with each restart unless it has a journal. */
    private final class ProxyOnStream {

        private final String name;
        private final Clock clock;
        private final Optional<Path> journal;
        /** Connections that are gone; the broker may still take what was sent on them. */
        private final List<SessionOnStream> former = new ArrayList<>();

        private final List<OpenPublish> publishing = new ArrayList<>();
        private LogRecorder recorder;
        private OpenPublishes publishes;
        private MessageReader messages;
        private StreamRefresh refresh;
        private CheckingListener listener;
        private @Nullable SessionOnStream session;

        ProxyOnStream(String name, boolean hasJournal, int skewMillis) throws IOException {
            this.name = name;
            this.journal = hasJournal ? Optional.of(Files.createDirectory(folder.resolve(name))) : Optional.empty();
            this.clock = new Clock() {
                @Override
                public ZoneOffset getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(java.time.ZoneId zone) {
                    return this;
                }

                @Override
                public Instant instant() {
                    return now.plusMillis(skewMillis);
                }
            };
            start();
        }

        private void start() {
            SimpleMeterRegistry meters = new SimpleMeterRegistry();
            publishes = new OpenPublishes(LONG);
            recorder = LogRecorder.open(journal, TestConfigs.repositories(), 10_000, LONG, publishes, meters);
            messages = new MessageReader(recorder, clock, meters);
            refresh = new StreamRefresh(recorder.lastValues(), 1L << 40);
            listener = new CheckingListener(name);
            recorder.start(listener);
        }

        void close() {
            recorder.close();
            publishes.close();
        }

        void restart() {
            disconnect();
            close();
            publishing.clear();
            start();
            settle();
        }

        /** Waits for the recording thread, if there is one. */
        private void settle() {
            try {
                CompletableFuture<Void> settled = new CompletableFuture<>();
                recorder.afterwards(() -> settled.complete(null));
                settled.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        void publish(String repository) {
            publish(Activities.message(repository, ++serial), new UUID(random.nextLong(), random.nextLong()), false);
        }

        void publish(ActivityMessage message, UUID id, boolean isShared) {
            if (publishes.get(id).isPresent()) {
                return;
            }
            Instant time = recorder.lastValues().nextTime(message.repository(), clock.instant());
            OpenPublish publish = publishes.begin(id, message, time, isShared);
            publishing.add(publish);
            if (session != null) {
                send(session, publish);
            }
        }

        void forget(String repository) throws IOException {
            if (session != null && proxies.stream().noneMatch(each -> each.publishes.isOpen(lastOrder))) {
                RepositoryName name = new RepositoryName(repository);
                UUID id = new UUID(random.nextLong(), random.nextLong());
                Forgotten order = new Forgotten(name, recorder.lastValues().nextTime(name, clock.instant()), id);
                lastOrder = id;
                var unused = publishes.await(id);
                session.publisher.send(PeerSync.forgotten(RoutingKeys.FORGOTTEN, order));
            }
        }

        /** Returns the revision of the last value; 0 if there is none. */
        long lastSerial(String repository) {
            Announcement last = listener.last.get(new RepositoryName(repository));
            return last == null ? 0 : serialOf(last.message());
        }

        private void send(SessionOnStream to, OpenPublish publish) {
            try {
                to.publisher.publish(publish);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        void connect() throws IOException {
            disconnect();
            session = new SessionOnStream(this);
            for (OpenPublish publish : publishes.all()) {
                if (!publish.isDone()) {
                    send(session, publish);
                }
            }
        }

        void disconnect() {
            if (session != null) {
                if (random.nextBoolean()) {
                    former.add(session);
                }
                session = null;
            }
        }

        void append(int most) {
            List<SessionOnStream> all =
                    Stream.concat(Stream.ofNullable(session), former.stream()).toList();
            if (most == Integer.MAX_VALUE) {
                all.forEach(each -> each.append(most));
            } else if (!all.isEmpty()) {
                all.get(random.nextInt(all.size())).append(most);
            }
        }

        void confirm() throws IOException {
            if (session != null) {
                session.confirm(random.nextBoolean(), random.nextInt(10) == 0 ? random.nextInt(5) : 0);
                settle();
            }
        }

        void confirmAll() throws IOException {
            if (session != null) {
                session.confirm(true, Integer.MAX_VALUE);
                settle();
            }
        }

        void read(int most) throws IOException {
            if (session != null) {
                session.read(most);
                settle();
            }
        }

        /** One turn of the broker thread. */
        void work() throws Exception {
            if (session == null) {
                return;
            }
            session.consumer.check();
            for (Command command : session.commands.take(Duration.ZERO)) {
                if (command instanceof Command.Send send) {
                    for (OutgoingMessage message : send.outgoing()) {
                        session.publisher.send(message);
                    }
                }
            }
        }

        /** A publish reaches its time limit, or the broker refuses it. */
        void loseOne() {
            if (!publishing.isEmpty()) {
                OpenPublish publish = publishing.get(random.nextInt(publishing.size()));
                publishes.fail(publish.id(), new LogUnavailableException("too late", null));
            }
        }
    }
}

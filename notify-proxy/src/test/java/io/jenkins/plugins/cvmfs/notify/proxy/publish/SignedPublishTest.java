package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.client.transport.LazyNetwork;
import io.jenkins.plugins.cvmfs.notify.proxy.access.AccessRules;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Caller;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Denial;
import io.jenkins.plugins.cvmfs.notify.proxy.access.RateLimiter;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Refusals;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousPublish;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousSubscribe;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.Grants;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.TokenConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.Trust;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryConfig.Verify;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Redeliveries;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Accepted;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Reason;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Refused;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Unavailable;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.SignatureVerifier;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Publishes to an publishService that reads whitelists and certificates from a real web server. */
class SignedPublishTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String NAME = "sw.example.org";
    private static final TokenHash.Minted TOKEN = TokenHash.mint();

    @TempDir
    Path folder;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final InMemoryActivityLog log = new InMemoryActivityLog();
    private final FanOut fanOut = new FanOut(
            TestConfigs.repositories(100),
            Duration.ofSeconds(1),
            Long.MAX_VALUE,
            Redeliveries.off(),
            Clock.systemUTC(),
            meters);
    private final List<SignatureVerifier> opened = new ArrayList<>();
    private final List<LazyNetwork> networks = new ArrayList<>();
    private final AtomicReference<AccessRules> rules = new AtomicReference<>();
    private StratumZero stratum0;
    private Duration fetchTimeout = Duration.ofSeconds(30);

    @BeforeEach
    void startStratum0() throws IOException {
        stratum0 = new StratumZero(folder, NAME, Clock.systemUTC());
        log.start(fanOut);
    }

    @AfterEach
    void stop() {
        opened.forEach(SignatureVerifier::close);
        networks.forEach(LazyNetwork::close);
        stratum0.close();
    }

    @Test
    void aSignedManifestNeedsNoCredentialsAndItsFilesAreFetchedOnce() {
        PublishService publishService = publishService(Verify.REQUIRED, false);

        PublishOutcome first = publish(publishService, signed(2));
        PublishOutcome second = publish(publishService, signed(3));

        assertThat(first).isInstanceOf(Accepted.class);
        assertThat(second).isInstanceOf(Accepted.class);
        assertThat(log.calls).containsExactly("append " + NAME + " 2", "append " + NAME + " 3");
        assertThat(stratum0.requests).hasSize(2).anyMatch(path -> path.endsWith("/.cvmfswhitelist"));
        assertThat(meters.get("cvmfs_notify_verification")
                        .tag("result", "trusted")
                        .timer()
                        .count())
                .isEqualTo(2);
    }

    @Test
    void aManifestThatWasChangedIsRefusedAndReachesNobody() {
        PublishService publishService = publishService(Verify.REQUIRED, false);
        String changed = new String(manifest(2), ISO_8859_1).replace("\nS2\n", "\nS9\n");

        PublishOutcome outcome = publish(publishService, changed.getBytes(ISO_8859_1));

        assertRefused(outcome, Denial.NOT_TRUSTED, "manifest was changed");
        assertThat(log.calls).isEmpty();
        assertThat(count("cvmfs_notify_publishes", "outcome", "not_trusted")).isEqualTo(1);
        assertThat(count("cvmfs_notify_verification_rejections", "reason", "bad_signature"))
                .isEqualTo(1);
    }

    @Test
    void aManifestThatTheProxyHasReadItselfIsVerifiedAndNotRepeated() {
        PublishService publishService = publishService(Verify.REQUIRED, false);
        byte[] second = manifest(2);
        byte[] third = manifest(3);
        String changed = new String(third, ISO_8859_1).replace("\nS3\n", "\nS9\n");

        assertRefused(
                announce(publishService, changed.getBytes(ISO_8859_1)), Denial.NOT_TRUSTED, "manifest was changed");
        assertThat(announce(publishService, third)).isInstanceOf(Accepted.class);
        assertThat(announce(publishService, third)).isInstanceOf(Accepted.class);
        assertRefused(announce(publishService, second), Denial.REVISION_TOO_OLD, "higher than 2 was verified before");

        assertThat(log.calls).containsExactly("append " + NAME + " 3");
    }

    private static PublishOutcome announce(PublishService publishService, byte[] manifest) {
        return join(publishService.announce(
                ActivityMessage.announce(manifest, Instant.EPOCH), "a poll", "a stratum 0", UUID.randomUUID()));
    }

    @Test
    void aManifestSignedWithAStrangersKeyIsRefused() throws IOException {
        PublishService publishService = publishService(Verify.REQUIRED, false);
        SampleRepository strangers = SampleRepository.create(
                folder.resolve("strangers"), new RepositoryName(NAME), HashAlgorithm.SHA1, Clock.systemUTC());

        PublishOutcome outcome = publish(publishService, strangers.manifestBytes());

        assertRefused(outcome, Denial.NOT_TRUSTED, "the stratum 0 lacks what is needed");
    }

    @Test
    void anExpiredWhitelistIsRefusedUntilItIsRenewed() throws IOException {
        Clock muchLater = Clock.offset(Clock.systemUTC(), Duration.ofDays(31));
        PublishService publishService = publishService(config(Verify.REQUIRED, false), muchLater);

        assertRefused(publish(publishService, signed(2)), Denial.NOT_TRUSTED, "expired at");

        // Given the administrator renews it; what is remembered is too young to be asked for again at once
        SampleRepository.create(
                folder.resolve(NAME), new RepositoryName(NAME), HashAlgorithm.SHA1, muchLater, StratumZero.KEYS);
        Awaitility.await()
                .atMost(LIMIT)
                .untilAsserted(
                        () -> assertThat(publish(publishService, signed(2))).isInstanceOf(Accepted.class));
    }

    @Test
    void aCertificateOnTheBlacklistIsRefused() throws IOException {
        Files.writeString(folder.resolve("blacklist"), StratumZero.KEYS.fingerprint(HashAlgorithm.SHA1) + "\n");

        PublishOutcome outcome = publish(publishService(Verify.REQUIRED, false), signed(2));

        assertRefused(outcome, Denial.NOT_TRUSTED, "the blacklist revokes the certificate");
    }

    @Test
    void anOldRevisionIsRefused() {
        PublishService publishService = publishService(Verify.REQUIRED, false);
        byte[] old = manifest(4);

        assertThat(publish(publishService, manifest(5))).isInstanceOf(Accepted.class);
        assertRefused(publish(publishService, old), Denial.REVISION_TOO_OLD, "higher than 4 was verified before");
        assertThat(log.calls).containsExactly("append " + NAME + " 5");
    }

    @Test
    void whatAStrangerSendsAgainIsNotAnnouncedAgain() {
        PublishService publishService = publishService(Verify.REQUIRED, false);
        byte[] present = manifest(5);

        for (int i = 0; i < 3; i++) {
            assertThat(publish(publishService, present)).isInstanceOf(Accepted.class);
        }
        PublishService restarted = publishService(Verify.REQUIRED, false);
        assertThat(publish(restarted, present)).isInstanceOf(Accepted.class);

        assertThat(log.calls).containsExactly("append " + NAME + " 5");
    }

    @Test
    void afterItWasForgottenTheSameRevisionIsAnnouncedAgainButNoLowerOne() {
        PublishService publishService = publishService(Verify.REQUIRED, false);
        byte[] old = manifest(4);
        byte[] present = manifest(5);
        assertThat(publish(publishService, present)).isInstanceOf(Accepted.class);
        log.forget(new RepositoryName(NAME)).join();

        assertRefused(publish(publishService, old), Denial.REVISION_TOO_OLD, "higher than 4");
        assertThat(publish(publishService, present)).isInstanceOf(Accepted.class);
        assertThat(publish(publishService, present)).isInstanceOf(Accepted.class);

        assertThat(log.calls).containsExactly("append " + NAME + " 5", "forget " + NAME, "append " + NAME + " 5");
    }

    @Test
    void whatAStrangerSendsAgainWhileItIsAppendedEndsLikeIt() {
        PublishService publishService = publishService(Verify.REQUIRED, false);
        byte[] present = manifest(5);
        log.holdConfirms();

        CompletableFuture<PublishOutcome> first = submit(publishService, present);
        CompletableFuture<PublishOutcome> again = submit(publishService, present);
        Awaitility.await().atMost(LIMIT).until(() -> trusted() == 2);

        assertThat(again).isNotDone();
        log.confirmOne();
        assertThat(join(first)).isInstanceOf(Accepted.class);
        assertThat(join(again)).isInstanceOf(Accepted.class);
        assertThat(log.calls).containsExactly("append " + NAME + " 5");
    }

    @Test
    void aRepositoryThatMayRollBackIsNotAnnouncedAgainByAStrangerEither() {
        PublishService publishService = publishService(Verify.REQUIRED, true);
        byte[] old = manifest(4);
        byte[] present = manifest(5);

        for (byte[] manifest : List.of(present, present, old, old, present)) {
            assertThat(publish(publishService, manifest)).isInstanceOf(Accepted.class);
        }

        assertThat(log.calls)
                .containsExactly("append " + NAME + " 5", "append " + NAME + " 4", "append " + NAME + " 5");
    }

    @Test
    void anAppendThatFailedIsTriedAgain() {
        PublishService publishService = publishService(Verify.REQUIRED, false);
        byte[] present = manifest(5);
        log.failAppends(new LogUnavailableException("the broker is not connected", null));
        assertThat(publish(publishService, present)).isInstanceOf(Unavailable.class);
        log.failAppends(null);

        assertThat(publish(publishService, present)).isInstanceOf(Accepted.class);

        assertThat(log.messages).hasSize(1);
    }

    @Test
    void whoHasTheRightAnnouncesTheSameAgainByteForByte() {
        PublishService publishService = publishService(Verify.REQUIRED, false);
        byte[] body = padded(manifest(5), 100_000);

        for (int i = 0; i < 2; i++) {
            assertThat(join(publishService.submit(body, withToken(), List.of())))
                    .isInstanceOf(Accepted.class);
        }

        assertThat(log.messages).extracting(ActivityMessage::raw).containsExactly(body, body);
    }

    @Test
    void whatAStrangerAddsToASignedManifestIsNotForwarded() {
        PublishService publishService = publishService(Verify.REQUIRED, false);
        byte[] manifest = manifest(5);
        String body = new String(padded(manifest, 4_000), UTF_8).replace("activity", "\\u0061ctivity");

        assertThat(join(publishService.submit(body.getBytes(UTF_8), Accesses.stranger(), List.of())))
                .isInstanceOf(Accepted.class);

        assertIsBareAnnouncementOf(manifest);
    }

    @Test
    void whereEveryoneMayPublishWhatAStrangerAddsIsNotForwardedEither() {
        PublishService publishService = publishService(
                TestConfigs.with(config(Verify.REQUIRED, false), AnonymousPublish.EVERYONE), Clock.systemUTC());
        byte[] manifest = manifest(5);

        for (int padding : List.of(0, 100_000)) {
            assertThat(join(publishService.submit(padded(manifest, padding), Accesses.stranger(), List.of())))
                    .isInstanceOf(Accepted.class);
        }

        assertIsBareAnnouncementOf(manifest);
    }

    @Test
    void aManifestWithBytesAfterItsSignatureIsRefused() {
        byte[] manifest = manifest(5);

        PublishOutcome outcome =
                publish(publishService(Verify.REQUIRED, false), Arrays.copyOf(manifest, manifest.length + 1_000));

        assertRefused(outcome, Denial.NOT_TRUSTED, "manifest was not signed with the key of its certificate");
    }

    /** The one message of the log is that which a C++ publisher would write, but for the time. */
    private void assertIsBareAnnouncementOf(byte[] manifest) {
        assertThat(log.messages)
                .singleElement()
                .satisfies(message -> assertThat(new String(message.raw(), UTF_8))
                        .isEqualTo("""
                            { "version" : 1, "timestamp" : "%s", "type" : "activity", "repository" : "%s", "manifest" : "%s"}\
                            """.formatted(
                                message.timestamp(), NAME, Base64.getEncoder().encodeToString(manifest)))
                        .doesNotContain("1 Jan 1970"));
    }

    private double trusted() {
        return meters.get("cvmfs_notify_verification")
                .tag("result", "trusted")
                .timer()
                .count();
    }

    private static byte[] padded(byte[] manifest, int bytes) {
        String plain =
                new String(ActivityMessage.announce(manifest, Instant.EPOCH).raw(), UTF_8);
        return plain.replaceFirst("\\{", "{ \"padding\" : \"" + "x".repeat(bytes) + "\",")
                .getBytes(UTF_8);
    }

    @Test
    void aRepositoryThatMayRollBackGoesBack() {
        PublishService publishService = publishService(Verify.REQUIRED, true);
        byte[] old = manifest(4);

        assertThat(publish(publishService, manifest(5))).isInstanceOf(Accepted.class);
        assertThat(publish(publishService, old)).isInstanceOf(Accepted.class);
    }

    @Test
    void anOldRevisionIsRefusedAlsoAfterARestart() {
        byte[] old = manifest(4);
        assertThat(publish(publishService(Verify.REQUIRED, false), manifest(5))).isInstanceOf(Accepted.class);

        PublishService restarted = publishService(Verify.REQUIRED, false);

        assertRefused(publish(restarted, old), Denial.REVISION_TOO_OLD, "higher than 4");
        assertThat(publish(restarted, manifest(6))).isInstanceOf(Accepted.class);
    }

    @Test
    void whatIsNotSignedNeverBlocksWhatIs() {
        // Given somebody has put an unsigned message with the highest revision into the log, past this proxy
        log.append(Activities.message(NAME, -1L));

        PublishOutcome outcome = publish(publishService(Verify.REQUIRED, false), signed(2));

        assertThat(outcome).isInstanceOf(Accepted.class);
    }

    @Test
    void aFloodOfPublishesCostsOneFetchAtATime() {
        PublishService publishService = publishService(Verify.REQUIRED, false);
        byte[] manifest = manifest(2);
        stratum0.hold();

        List<CompletableFuture<PublishOutcome>> flood = IntStream.range(0, 40)
                .mapToObj(number -> submit(publishService, manifest, someone(number)))
                .toList();
        Awaitility.await().atMost(LIMIT).until(() -> !stratum0.requests.isEmpty());
        stratum0.release();

        assertThat(flood).allSatisfy(outcome -> assertThat(join(outcome)).isInstanceOf(Accepted.class));
        assertThat(stratum0.requests).hasSize(2);
        assertThat(stratum0.mostAtATime).hasValue(1);
        assertThat(log.calls).containsExactly("append " + NAME + " 2");
    }

    @Test
    void strangersWithMadeUpCertificatesHoldUpNobodyWhoseFilesAreRemembered() {
        PublishService publishService = publishService(Verify.REQUIRED, false);
        assertThat(publish(publishService, manifest(2))).isInstanceOf(Accepted.class);
        stratum0.hold();
        floodOfMadeUpCertificates(publishService, 20, SignedPublishTest::someone);

        PublishOutcome byToken = join(submit(publishService, manifest(3), withToken()));
        PublishOutcome byItsSignature = join(submit(publishService, manifest(4), Accesses.stranger()));

        assertThat(byToken).isInstanceOf(Accepted.class);
        assertThat(byItsSignature).isInstanceOf(Accepted.class);
    }

    @Test
    void whoHasTheRightGoesBeforeAnyNumberOfStrangersWithMadeUpCertificates() {
        PublishService publishService = publishService(Verify.REQUIRED, false);
        stratum0.hold();
        floodOfMadeUpCertificates(publishService, 100, SignedPublishTest::someone);

        CompletableFuture<PublishOutcome> byToken = submit(publishService, manifest(2), withToken());
        Awaitility.await().pollDelay(Duration.ofMillis(50)).atMost(LIMIT).until(() -> !stratum0.requests.isEmpty());
        stratum0.release();

        assertThat(join(byToken)).isInstanceOf(Accepted.class);
        String certificate = ActivityMessage.announce(manifest(2), Instant.EPOCH)
                .manifest()
                .certificate()
                .objectPath(ObjectKind.CERTIFICATE);
        assertThat(stratum0.requests.stream().limit(3)).anyMatch(path -> path.endsWith(certificate));
    }

    @Test
    void strangersAtOneAddressDoNotKeepOutTheOwnerAtAnother() {
        PublishService publishService = publishService(Verify.REQUIRED, false);
        stratum0.hold();
        floodOfMadeUpCertificates(publishService, 20, number -> Accesses.from("198.51.100.7"));

        CompletableFuture<PublishOutcome> bySignature = submit(publishService, manifest(2), Accesses.stranger());
        stratum0.release();

        assertThat(join(bySignature)).isInstanceOf(Accepted.class);
    }

    @Test
    void aFloodThatGoesOnKeepsOutNeitherTheHolderOfATokenNorTheOwner() {
        PublishService publishService = publishService(Verify.REQUIRED, false);
        List<byte[]> madeUp =
                IntStream.range(0, 64).mapToObj(this::withCertificate).toList();
        AtomicBoolean goesOn = new AtomicBoolean(true);
        List<CompletableFuture<Void>> flood = madeUp.stream()
                .map(manifest -> flood(publishService, manifest, goesOn))
                .toList();

        for (int revision = 2; revision < 42; revision++) {
            Caller publisher = revision % 2 == 0 ? withToken() : Accesses.stranger();
            assertThat(join(submit(publishService, manifest(revision), publisher)))
                    .isInstanceOf(Accepted.class);
        }

        goesOn.set(false);
        assertThat(CompletableFuture.allOf(flood.toArray(CompletableFuture[]::new)))
                .succeedsWithin(LIMIT);
    }

    /** Sends the same again as soon as it is answered, from one address. */
    private static CompletableFuture<Void> flood(PublishService publishService, byte[] manifest, AtomicBoolean goesOn) {
        return CompletableFuture.runAsync(
                () -> {
                    while (goesOn.get()) {
                        assertThat(join(submit(publishService, manifest, Accesses.from("198.51.100.7"))))
                                .isNotInstanceOf(Accepted.class);
                    }
                },
                task -> new Thread(task, "flood").start());
    }

    @Test
    void strangersWhoWaitForOneFileLeaveRoomForThoseWhoNeedAnother() {
        PublishService publishService = publishService(Verify.REQUIRED, false);
        byte[] manifest = manifest(2);
        stratum0.hold();
        List<CompletableFuture<PublishOutcome>> joiners = IntStream.range(0, 100)
                .mapToObj(number -> submit(publishService, manifest, someone(number)))
                .toList();
        Awaitility.await()
                .atMost(LIMIT)
                .until(() -> joiners.stream().filter(CompletableFuture::isDone).count() >= 36);

        CompletableFuture<PublishOutcome> another = submit(publishService, withCertificate(7), someone(200));

        Awaitility.await().during(Duration.ofMillis(300)).atMost(LIMIT).until(() -> !another.isDone());
        stratum0.release();
        assertThat(joiners.stream().map(SignedPublishTest::join).filter(Accepted.class::isInstance))
                .isNotEmpty();
    }

    @Test
    void strangersDoNotUseUpTheRateOfARepository() {
        PublishService publishService =
                publishService(config(Verify.REQUIRED, false), Clock.systemUTC(), new RateLimiter<>(1, () -> 0));
        byte[] genuine = manifest(2);
        for (int i = 0; i < 30; i++) {
            byte[] changed =
                    new String(genuine, ISO_8859_1).replace("\nS2\n", "\nS9\n").getBytes(ISO_8859_1);
            publish(publishService, changed);
            publish(publishService, genuine);
        }

        for (int revision = 3; revision < 13; revision++) {
            assertThat(join(submit(publishService, manifest(revision), withToken())))
                    .isInstanceOf(Accepted.class);
        }
        assertThat(join(submit(publishService, manifest(13), withToken())))
                .isInstanceOfSatisfying(
                        Unavailable.class, no -> assertThat(no.reason()).isEqualTo(Reason.TOO_MANY_OF_REPOSITORY));
        assertThat(publish(publishService, manifest(14))).isInstanceOf(Accepted.class);
    }

    /** A hundred ask for so many files that nobody has; what a repository has room for is taken when this returns. */
    private void floodOfMadeUpCertificates(PublishService publishService, int files, IntFunction<Caller> who) {
        List<CompletableFuture<PublishOutcome>> flood = IntStream.range(0, 100)
                .mapToObj(number -> submit(publishService, withCertificate(number % files), who.apply(number)))
                .toList();
        Awaitility.await().atMost(LIMIT).until(() -> flood.stream().anyMatch(CompletableFuture::isDone));
    }

    private static Caller someone(int number) {
        return Accesses.from("198.51.100." + number);
    }

    @Test
    void manyForgedCertificatesAreFetchedOneAfterTheOtherAndTheRestIsTurnedAway() {
        PublishService publishService = publishService(Verify.REQUIRED, false);
        stratum0.hold();

        List<CompletableFuture<PublishOutcome>> flood = IntStream.range(0, 100)
                .mapToObj(number -> submit(publishService, withCertificate(number)))
                .toList();
        // Then those over the limit are answered while the others still wait
        Awaitility.await()
                .atMost(LIMIT)
                .until(() -> flood.stream()
                        .anyMatch(outcome -> outcome.isDone()
                                && outcome.join() instanceof Unavailable no
                                && no.reason() == Reason.TOO_MANY_VERIFICATIONS));
        stratum0.release();

        assertThat(flood).allSatisfy(outcome -> assertThat(join(outcome)).isNotInstanceOf(Accepted.class));
        assertThat(stratum0.mostAtATime).hasValue(1);
        assertThat(publish(publishService, signed(2))).isInstanceOf(Accepted.class);
    }

    @Test
    void aStratum0ThatHangsIs503AndHoldsUpNobodyElse() {
        fetchTimeout = Duration.ofMillis(300);
        PublishService publishService = publishService(Verify.REQUIRED, false);
        stratum0.hold();

        CompletableFuture<PublishOutcome> waiting = submit(publishService, manifest(2));
        PublishOutcome other = join(
                publishService.submit(Activities.message("other.example.org", 1).raw(), withToken(), List.of()));

        assertThat(other).isInstanceOf(Accepted.class);
        assertThat(join(waiting)).isInstanceOfSatisfying(Unavailable.class, no -> {
            assertThat(no.reason()).isEqualTo(Reason.VERIFICATION_UNAVAILABLE);
            assertThat(no.retryAfter()).isPositive();
        });
        assertThat(log.calls).containsExactly("append other.example.org 1");
    }

    @Test
    void aWhitelistThatIsTooLongIsRefused() throws IOException {
        Files.write(folder.resolve(NAME).resolve(".cvmfswhitelist"), new byte[1024 * 1024]);

        PublishOutcome outcome = publish(publishService(Verify.REQUIRED, false), signed(2));

        assertRefused(outcome, Denial.NOT_TRUSTED, "the stratum 0 lacks what is needed");
    }

    @Test
    void credentialsDoNotStandInForTheSignature() {
        PublishService publishService = publishService(Verify.REQUIRED, false);

        PublishOutcome outcome =
                join(publishService.submit(Activities.message(NAME, 7).raw(), withToken(), List.of()));

        assertRefused(outcome, Denial.NOT_TRUSTED, "names no certificate");
    }

    @Test
    void withoutAKeyNothingIsVerifiedAndCredentialsAreNeeded() {
        AccessConfig noKey = config(
                new RepositoryConfig(
                        new RepositoryPattern(NAME),
                        Verify.IF_KEY_KNOWN,
                        stratum0.url(),
                        List.of(),
                        false,
                        Optional.empty()),
                List.of(folder.resolve("no-such-folder")));
        PublishService publishService = publishService(noKey, Clock.systemUTC());

        assertRefused(publish(publishService, signed(2)), Denial.CREDENTIALS_NEEDED, "right to publish " + NAME);
        assertThat(join(publishService.submit(Activities.message(NAME, 7).raw(), withToken(), List.of())))
                .isInstanceOf(Accepted.class);
        assertThat(stratum0.requests).isEmpty();
    }

    @Test
    void aRepositoryThatMustBeVerifiedNeedsAKey() {
        AccessConfig noKey = config(
                new RepositoryConfig(
                        new RepositoryPattern(NAME),
                        Verify.REQUIRED,
                        stratum0.url(),
                        List.of(),
                        false,
                        Optional.empty()),
                List.of(folder.resolve("no-such-folder")));

        assertThatThrownBy(() -> publishService(noKey, Clock.systemUTC()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(NAME)
                .hasMessageContaining("no-such-folder");
    }

    @Test
    void aReloadThatCannotReadItsKeysChangesNothing() throws IOException {
        PublishService publishService = publishService(Verify.REQUIRED, false);
        SignatureVerifier signatures = opened.get(0);
        ProxyConfig next = TestConfigs.standalone(0).withAccess(config(Verify.REQUIRED, false));
        Files.writeString(stratum0.keyFile(), "no key any more");

        assertThatThrownBy(() -> signatures.prepare(next)).isInstanceOf(InvalidInputException.class);
        assertThat(publish(publishService, signed(2))).isInstanceOf(Accepted.class);
    }

    @Test
    void aReloadTakesAwayARight() {
        PublishService publishService = publishService(Verify.REQUIRED, false);
        AccessConfig closed = TestConfigs.with(config(Verify.REQUIRED, false), AnonymousPublish.NOBODY);

        rules.set(AccessRules.of(closed, Optional.empty()));

        assertRefused(publish(publishService, signed(2)), Denial.CREDENTIALS_NEEDED, "credentials with the right");
    }

    private byte[] signed(long revision) {
        return manifest(revision);
    }

    private byte[] manifest(long revision) {
        stratum0.repository.publish(new Revision(revision));
        return stratum0.repository.manifestBytes();
    }

    /** A manifest that names a certificate that nobody has. */
    private byte[] withCertificate(int number) {
        String text = new String(manifest(2), ISO_8859_1);
        return text.replaceFirst("\nX[0-9a-f]{40}\n", "\nX%040x\n".formatted(number))
                .getBytes(ISO_8859_1);
    }

    private static PublishOutcome publish(PublishService publishService, byte[] manifest) {
        return join(submit(publishService, manifest));
    }

    private static CompletableFuture<PublishOutcome> submit(PublishService publishService, byte[] manifest) {
        return submit(publishService, manifest, Accesses.stranger());
    }

    private static CompletableFuture<PublishOutcome> submit(
            PublishService publishService, byte[] manifest, Caller caller) {
        return publishService.submit(
                ActivityMessage.announce(manifest, Instant.EPOCH).raw(), caller, List.of());
    }

    private static Caller withToken() {
        Secret header = new Secret("Bearer " + TOKEN.token().value());
        return new Caller(Accesses.stranger().peer(), List.of(header), false);
    }

    private static PublishOutcome join(CompletableFuture<PublishOutcome> outcome) {
        return outcome.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
    }

    private static void assertRefused(PublishOutcome outcome, Denial reason, String detail) {
        assertThat(outcome).isInstanceOfSatisfying(Refused.class, no -> {
            assertThat(no.reason()).isEqualTo(reason);
            assertThat(no.detail()).contains(detail);
        });
    }

    private double count(String name, String tag, String value) {
        return meters.get(name).tag(tag, value).counter().count();
    }

    private PublishService publishService(Verify verify, boolean allowRollback) {
        return publishService(config(verify, allowRollback), Clock.systemUTC());
    }

    private PublishService publishService(AccessConfig config, Clock clock) {
        return publishService(config, clock, new RateLimiter<>(0));
    }

    private PublishService publishService(AccessConfig config, Clock clock, RateLimiter<PublishService.Quota> rate) {
        LazyNetwork stratum0 = SignatureVerifier.network(config.trust());
        networks.add(stratum0);
        SignatureVerifier signatures = new SignatureVerifier(
                config, stratum0, 1000, name -> fanOut.lastValue(name).map(Announcement::message), clock, meters);
        opened.add(signatures);
        rules.set(AccessRules.of(config, Optional.empty()));
        return new PublishService(
                log,
                fanOut,
                rules::get,
                signatures,
                new PublishService.Limits(1000, new RateLimiter<>(0), rate),
                Runnable::run,
                new Refusals(clock),
                clock,
                meters);
    }

    private AccessConfig config(Verify verify, boolean allowRollback) {
        return config(
                new RepositoryConfig(
                        new RepositoryPattern("*.example.org"), Verify.OFF, "", List.of(), false, Optional.empty()),
                new RepositoryConfig(
                        new RepositoryPattern(NAME),
                        verify,
                        stratum0.url(),
                        List.of(stratum0.keyFile()),
                        allowRollback,
                        Optional.empty()));
    }

    private AccessConfig config(RepositoryConfig... repositories) {
        return config(List.of(repositories), List.of());
    }

    private AccessConfig config(RepositoryConfig repository, List<Path> keysForAll) {
        return config(List.of(repository), keysForAll);
    }

    private AccessConfig config(List<RepositoryConfig> repositories, List<Path> keysForAll) {
        RepositoryPattern all = new RepositoryPattern("*");
        return new AccessConfig(
                AnonymousPublish.LOOPBACK_OR_VERIFIED,
                AnonymousSubscribe.EVERYONE,
                List.of(new TokenConfig("tester", TOKEN.hash(), new Grants(List.of(all), List.of()))),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                repositories,
                new Trust(
                        keysForAll,
                        Optional.of(folder.resolve("blacklist")),
                        Optional.empty(),
                        fetchTimeout,
                        4,
                        Duration.ofMinutes(5)),
                Optional.empty());
    }
}

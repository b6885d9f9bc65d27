package io.jenkins.plugins.cvmfs.notify.proxy.history;

import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Attempt;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Connection;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Fault;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Outcome;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Receipt;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Compares a history with the service's promises. The order of announcements is taken from real time, as for a linearizable register:
 * one announcement is earlier than another if all its attempts had ended before the first attempt of the other began. Two whose attempts
 * overlap may come in either order. Revision numbers do not matter, so a rollback is an announcement like any other.
 *
 * <p>A publish that was refused or not answered may still be in a buffer that a fault holds up, and come when that is healed, after a
 * later one. No program can take it back, so that is no violation; {@link Result#late} counts it.
 */
final class HistoryChecker {

    /** A promise that the history breaks. */
    enum Promise {
        /** At the end each subscriber has what was answered with 200 last, or something later. */
        NOTHING_ACCEPTED_IS_LOST,
        /** A connection gets nothing that is earlier than what it got before. */
        NEVER_BACKWARDS,
        /** A connection gets no position of the log twice, and no announcement that was sent once twice. */
        NEVER_TWICE,
        /** What comes was published. */
        NOTHING_INVENTED,
        /** A new subscriber gets from a proxy at least what that proxy had answered with 200 before. */
        READ_YOUR_OWN_WRITE,
        /** While nothing fails, a new subscriber gets from any proxy what was answered with 200 so long before. */
        READ_OF_OTHERS_IN_TIME
    }

    /** One violation; the text names connection, repository and announcements. */
    record Violation(Promise promise, String repository, String text) {}

    /**
     * What was found.
     *
     * @param late announcements that came after a later one, because a fault had held them up after their publish had failed
     */
    record Result(List<Violation> violations, int late) {}

    /** After a fault, until what it held up has arrived. */
    static final long LONGEST_ARRIVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** One announcement with all its attempts. */
    private final class Announcement {

        private long firstStart = Long.MAX_VALUE;
        private long lastEnd = Long.MIN_VALUE;
        private long latestEffect = Long.MIN_VALUE;
        private long firstAccepted = Long.MAX_VALUE;
        private int attempts;

        void add(Attempt attempt) {
            attempts++;
            firstStart = Math.min(firstStart, attempt.start());
            lastEnd = Math.max(lastEnd, attempt.end());
            latestEffect = Math.max(latestEffect, latestEffect(attempt));
            if (attempt.outcome() == Outcome.ACCEPTED) {
                firstAccepted = Math.min(firstAccepted, attempt.end());
            }
        }

        boolean isEarlierThan(Announcement other) {
            return latestEffect < other.firstStart;
        }

        boolean hadEndedBefore(Announcement other) {
            return lastEnd < other.firstStart;
        }
    }

    private long latestEffect(Attempt attempt) {
        long latest = attempt.end();
        if (attempt.outcome() == Outcome.ACCEPTED) {
            return latest;
        }
        long before;
        do {
            before = latest;
            for (Fault fault : history.faults()) {
                if (fault.mayHoldUp(attempt.life().proxy(), attempt.start(), latest)) {
                    long end = Math.min(fault.end(), Long.MAX_VALUE - LONGEST_ARRIVAL_NANOS);
                    latest = Math.max(latest, end + LONGEST_ARRIVAL_NANOS);
                }
            }
        } while (latest > before);
        return latest;
    }

    private final History history;
    private final List<Violation> violations = new ArrayList<>();
    private final Set<String> late = new HashSet<>();

    private HistoryChecker(History history) {
        this.history = history;
    }

    /** Compares them; there are no violations if every promise was kept. */
    static Result check(History history) {
        HistoryChecker checker = new HistoryChecker(history);
        history.repositories().forEach(checker::check);
        return new Result(checker.violations, checker.late.size());
    }

    private void check(String repository) {
        Map<Long, Announcement> announcements = new HashMap<>();
        List<Attempt> attempts = history.attempts(repository);
        attempts.forEach(attempt -> announcements
                .computeIfAbsent(attempt.serial(), serial -> new Announcement())
                .add(attempt));
        for (Connection connection : history.connections()) {
            if (connection.repositories.contains(repository)) {
                List<Receipt> receipts = connection.receipts(repository);
                if (checkInvented(connection, repository, receipts, announcements)) {
                    checkOrder(connection, repository, receipts, announcements);
                    checkTwice(connection, repository, receipts, announcements);
                    checkBeginning(connection, repository, receipts, announcements, attempts);
                    checkEnd(connection, repository, receipts, announcements);
                }
            }
        }
    }

    /** Returns whether all that came was published. */
    private boolean checkInvented(
            Connection connection, String repository, List<Receipt> receipts, Map<Long, Announcement> announcements) {
        boolean known = true;
        for (Receipt receipt : receipts) {
            Announcement announcement = announcements.get(receipt.serial());
            if (announcement == null || announcement.firstStart > receipt.at()) {
                violate(Promise.NOTHING_INVENTED, repository, "%s got #%d".formatted(connection, receipt.serial()));
                known = false;
            }
        }
        return known;
    }

    private void checkOrder(
            Connection connection, String repository, List<Receipt> receipts, Map<Long, Announcement> announcements) {
        Receipt latest = null;
        for (Receipt receipt : receipts) {
            Announcement now = announcements.get(receipt.serial());
            if (latest != null && now.isEarlierThan(announcements.get(latest.serial()))) {
                violate(
                        Promise.NEVER_BACKWARDS,
                        repository,
                        "%s got #%d after #%d".formatted(connection, receipt.serial(), latest.serial()));
            } else if (latest != null && now.hadEndedBefore(announcements.get(latest.serial()))) {
                late.add(repository + receipt.serial());
            }
            if (latest == null || announcements.get(latest.serial()).firstStart < now.firstStart) {
                latest = receipt;
            }
        }
    }

    private void checkTwice(
            Connection connection, String repository, List<Receipt> receipts, Map<Long, Announcement> announcements) {
        Set<String> positions = new HashSet<>();
        Set<Long> serials = new HashSet<>();
        for (Receipt receipt : receipts) {
            boolean again = !receipt.position().isEmpty() && !positions.add(receipt.position());
            boolean same = !serials.add(receipt.serial()) && announcements.get(receipt.serial()).attempts == 1;
            if (again || same) {
                violate(
                        Promise.NEVER_TWICE,
                        repository,
                        "%s got #%d again, at %s".formatted(connection, receipt.serial(), receipt.position()));
            }
        }
    }

    private void checkBeginning(
            Connection connection,
            String repository,
            List<Receipt> receipts,
            Map<Long, Announcement> announcements,
            List<Attempt> attempts) {
        if (receipts.isEmpty()) {
            return; // If that is wrong, it is wrong at the end, too.
        }
        Announcement first = announcements.get(receipts.get(0).serial());
        attempts.stream()
                .filter(attempt -> attempt.outcome() == Outcome.ACCEPTED)
                .filter(attempt -> isBound(attempt, connection))
                .filter(attempt -> first.isEarlierThan(announcements.get(attempt.serial())))
                .findFirst()
                .ifPresent(attempt -> violate(
                        attempt.life().equals(connection.life)
                                ? Promise.READ_YOUR_OWN_WRITE
                                : Promise.READ_OF_OTHERS_IN_TIME,
                        repository,
                        "%s got #%d first, but: %s"
                                .formatted(connection, receipts.get(0).serial(), attempt)));
    }

    /** Returns whether the connection must have what was accepted then from its beginning. */
    private boolean isBound(Attempt attempt, Connection connection) {
        if (attempt.life().equals(connection.life)) {
            return attempt.end() < connection.start;
        }
        long from = Math.max(attempt.end(), history.calmFrom());
        return connection.start - from > Schedule.LONGEST_SPREAD.toNanos();
    }

    private void checkEnd(
            Connection connection, String repository, List<Receipt> receipts, Map<Long, Announcement> announcements) {
        if (!connection.isLast()) {
            return;
        }
        announcements.forEach((serial, accepted) -> {
            if (accepted.firstAccepted == Long.MAX_VALUE) {
                return;
            }
            if (receipts.isEmpty()) {
                violate(
                        Promise.NOTHING_ACCEPTED_IS_LOST,
                        repository,
                        "%s got nothing, not #%d".formatted(connection, serial));
                return;
            }
            Receipt last = receipts.get(receipts.size() - 1);
            if (announcements.get(last.serial()).isEarlierThan(accepted)) {
                violate(
                        Promise.NOTHING_ACCEPTED_IS_LOST,
                        repository,
                        "%s got #%d last, not #%d".formatted(connection, last.serial(), serial));
            }
        });
    }

    private void violate(Promise promise, String repository, String text) {
        violations.add(new Violation(promise, repository, text));
    }
}

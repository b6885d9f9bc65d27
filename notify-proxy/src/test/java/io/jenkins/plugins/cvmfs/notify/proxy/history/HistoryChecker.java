package io.jenkins.plugins.cvmfs.notify.proxy.history;

import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Attempt;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Connection;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Outcome;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Receipt;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares a history with the service's promises. The order of announcements is taken from real time, as for a linearizable register:
 * one announcement is earlier than another if all its attempts had ended before the first attempt of the other began. Two whose attempts
 * overlap may come in either order. Revision numbers do not matter, so a rollback is an announcement like any other.
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
        READ_YOUR_OWN_WRITE
    }

    /** One violation; the text names connection, repository and announcements. */
    record Violation(Promise promise, String repository, String text) {}

    /** One announcement with all its attempts. */
    private static final class Announcement {

        private long firstStart = Long.MAX_VALUE;
        private long latestEffect = Long.MIN_VALUE;
        private long firstAccepted = Long.MAX_VALUE;
        private int attempts;

        void add(Attempt attempt) {
            attempts++;
            firstStart = Math.min(firstStart, attempt.start());
            latestEffect = Math.max(latestEffect, attempt.latestEffect());
            if (attempt.outcome() == Outcome.ACCEPTED) {
                firstAccepted = Math.min(firstAccepted, attempt.end());
            }
        }

        boolean isEarlierThan(Announcement other) {
            return latestEffect < other.firstStart;
        }
    }

    private final History history;
    private final List<Violation> violations = new ArrayList<>();

    private HistoryChecker(History history) {
        this.history = history;
    }

    /** Returns all violations, empty if every promise was kept. */
    static List<Violation> check(History history) {
        HistoryChecker checker = new HistoryChecker(history);
        history.repositories().forEach(checker::check);
        return checker.violations;
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
                    checkOwnWrites(connection, repository, receipts, announcements, attempts);
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

    private void checkOwnWrites(
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
                .filter(attempt -> attempt.outcome() == Outcome.ACCEPTED && attempt.end() < connection.start)
                .filter(attempt -> attempt.life().equals(connection.life))
                .filter(attempt -> first.isEarlierThan(announcements.get(attempt.serial())))
                .findFirst()
                .ifPresent(attempt -> violate(
                        Promise.READ_YOUR_OWN_WRITE,
                        repository,
                        "%s got #%d first, but: %s"
                                .formatted(connection, receipts.get(0).serial(), attempt)));
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

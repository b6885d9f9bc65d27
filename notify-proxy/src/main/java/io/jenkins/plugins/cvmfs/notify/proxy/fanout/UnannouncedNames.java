package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryLimits;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts the names that are kept for subscribers only, as they have not been announced: in all, for subscribers without credentials, and
 * for each of their addresses. A name counts for the subscriber that subscribed to it first, until it is announced or has no subscribers. From
 * any thread.
 */
final class UnannouncedNames {

    /** One name in four is kept for repositories that are announced: subscribers alone cannot use up all names. */
    private static final int RESERVED_FRACTION = 4;

    private final int limit;
    private final int anonymousLimit;
    private final int addressLimit;
    private final Map<InetAddress, Integer> byAddress = new HashMap<>();
    private int all;
    private int anonymous;

    UnannouncedNames(RepositoryLimits limits) {
        int most = limits.maxRepositories();
        this.limit = most - most / RESERVED_FRACTION;
        this.anonymousLimit = limits.maxAnonymousNames();
        this.addressLimit = limits.maxAnonymousNamesPerAddress();
    }

    /** Takes one name; false if there is none left for this holder. */
    synchronized boolean take(NameHolder holder) {
        if (!haveRoomFor(List.of(holder))) {
            return false;
        }
        all++;
        if (holder.addressOrNull() != null) {
            anonymous++;
            byAddress.merge(holder.addressOrNull(), 1, Integer::sum);
        }
        return true;
    }

    /** Gives back what was taken. */
    synchronized void giveBack(NameHolder holder) {
        all--;
        if (holder.addressOrNull() != null) {
            anonymous--;
            byAddress.computeIfPresent(holder.addressOrNull(), (address, names) -> names == 1 ? null : names - 1);
        }
    }

    /** Returns true if each of these could take one name; one that occurs twice takes two. */
    synchronized boolean haveRoomFor(List<NameHolder> holders) {
        Map<InetAddress, Integer> wanted = new HashMap<>();
        int wantedByAnonymous = 0;
        for (NameHolder holder : holders) {
            if (holder.addressOrNull() != null) {
                wantedByAnonymous++;
                wanted.merge(holder.addressOrNull(), 1, Integer::sum);
            }
        }
        return fits(all, holders.size(), limit)
                && fits(anonymous, wantedByAnonymous, anonymousLimit)
                && wanted.entrySet().stream()
                        .allMatch(of -> fits(byAddress.getOrDefault(of.getKey(), 0), of.getValue(), addressLimit));
    }

    private static boolean fits(int held, int wanted, int limit) {
        return wanted <= limit - held;
    }

    /** Returns the number of names held by subscribers without credentials. */
    synchronized int anonymous() {
        return anonymous;
    }
}

package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryLimits;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts the names that are kept for subscribers only, as nobody has announced them: in all, for subscribers without credentials, and
 * for each of their addresses. The subscriber that brings a name up pays for it until it is announced or nobody waits for it any
 * more; those that join pay nothing. From any thread.
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
        if (!hasRoomFor(holder)) {
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

    synchronized boolean hasRoomFor(NameHolder holder) {
        return all < limit
                && (holder.addressOrNull() == null
                        || (anonymous < anonymousLimit
                                && byAddress.getOrDefault(holder.addressOrNull(), 0) < addressLimit));
    }

    /** How many are held by subscribers without credentials. */
    synchronized int anonymous() {
        return anonymous;
    }
}

package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;

/** The number of the named replicas that must serve the target: {@code all}, {@code majority}, {@code any} or a number. */
public record Requirement(String text) {

    /** Every named replica. */
    public static final Requirement ALL = new Requirement("all");

    /** More than half of them. */
    public static final Requirement MAJORITY = new Requirement("majority");

    /** At least one of them. */
    public static final Requirement ANY = new Requirement("any");

    /** @throws InvalidInputException if the text is none of the four */
    public Requirement {
        if (!text.matches("all|majority|any|[1-9][0-9]{0,3}")) {
            throw new InvalidInputException(
                    "requirement '%s' must be 'all', 'majority', 'any' or a number from 1 to 9999"
                            .formatted(Excerpt.of(text)));
        }
    }

    /**
     * Returns the number of replicas needed.
     *
     * @param replicas how many are named, at least 1
     * @throws InvalidInputException if the required number is larger
     */
    public int of(int replicas) {
        return switch (text) {
            case "all" -> replicas;
            case "majority" -> replicas / 2 + 1;
            case "any" -> 1;
            default -> counted(Integer.parseInt(text), replicas);
        };
    }

    /** Returns the number needed of places that come and go: at least 1, and perhaps more than there are now. */
    int ofChanging(int present) {
        return switch (text) {
            case "all" -> Math.max(1, present);
            case "majority", "any" -> of(present);
            default -> Integer.parseInt(text);
        };
    }

    private static int counted(int wanted, int replicas) {
        if (wanted > replicas) {
            throw new InvalidInputException(
                    "requirement %d exceeds the number of replicas, %d".formatted(wanted, replicas));
        }
        return wanted;
    }

    @Override
    public String toString() {
        return text;
    }
}

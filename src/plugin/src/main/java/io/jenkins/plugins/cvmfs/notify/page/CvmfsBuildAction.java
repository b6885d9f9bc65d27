package io.jenkins.plugins.cvmfs.notify.page;

import hudson.model.Api;
import hudson.model.BuildBadgeAction;
import hudson.model.Run;
import io.jenkins.plugins.cvmfs.notify.page.StepRecord.State;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import jenkins.management.Badge;
import jenkins.model.RunAction2;
import jenkins.model.Tab;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.export.Exported;
import org.kohsuke.stapler.export.ExportedBean;

/**
 * The tab "CVMFS" of a build, and what the build keeps of its announcements, waits and transactions. A step that runs is asked for its state
 * whenever the page is shown; the build is saved when a step ends. A build that is resumed after a restart registers its steps
 * again. Thread-safe.
 */
@ExportedBean
public final class CvmfsBuildAction extends Tab implements RunAction2, BuildBadgeAction {

    /** A build keeps at most so many steps; the oldest that have ended make room. */
    static final int MAX_STEPS = 100;

    /** By the id of the step's node, in the order of their begin. Never changed, only replaced: Jenkins saves it at any time. */
    private volatile LinkedHashMap<String, StepRecord> steps = new LinkedHashMap<>();

    private volatile boolean incomplete;

    /** The steps that run in this process. */
    private transient Map<String, Supplier<? extends StepRecord>> running = new ConcurrentHashMap<>();

    private transient Run<?, ?> build;

    CvmfsBuildAction(Run<?, ?> build) {
        super(build);
        this.build = build;
    }

    /**
     * Shows a step that has begun, or is resumed.
     *
     * @param id the id of the step's node
     * @param step returns the present state, without blocking
     */
    public static void follow(Run<?, ?> build, String id, Supplier<? extends StepRecord> step) {
        CvmfsBuildAction action = of(build);
        if (action.put(id, step.get())) {
            action.running.put(id, step);
        }
    }

    /**
     * Saves the last state of a step. May block.
     *
     * @param last null if it is not known: the step was then stopped before it was resumed
     */
    public static void ended(Run<?, ?> build, String id, @Nullable StepRecord last) {
        CvmfsBuildAction action = of(build);
        action.running.remove(id);
        StepRecord known = last == null ? action.steps.get(id) : last;
        if (known != null) {
            action.put(id, known.isRunning() ? known.aborted(Clock.systemUTC().instant()) : known);
        }
        try {
            build.save();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot save what the build announced, waited for and published", e);
        }
    }

    private static CvmfsBuildAction of(Run<?, ?> build) {
        synchronized (CvmfsBuildAction.class) {
            CvmfsBuildAction known = build.getAction(CvmfsBuildAction.class);
            if (known != null) {
                return known;
            }
            CvmfsBuildAction made = new CvmfsBuildAction(build);
            build.addAction(made);
            return made;
        }
    }

    /** Returns false if there is no room. */
    private synchronized boolean put(String id, StepRecord step) {
        LinkedHashMap<String, StepRecord> changed = new LinkedHashMap<>(steps);
        changed.put(id, step);
        if (changed.size() > MAX_STEPS) {
            incomplete = true;
            changed.entrySet().stream()
                    .filter(entry -> !entry.getValue().isRunning())
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .or(() -> Optional.of(id))
                    .ifPresent(changed::remove);
        }
        steps = changed;
        return changed.containsKey(id);
    }

    @Override
    public void onAttached(Run<?, ?> attached) {
        onLoad(attached);
    }

    @Override
    public void onLoad(Run<?, ?> loaded) {
        build = loaded;
        object = loaded;
        if (running == null) {
            // Jenkins makes the object that it loads without its constructor.
            running = new ConcurrentHashMap<>();
        }
    }

    /** The announcements, waits and transactions of the build, in the order of their begin. */
    public List<StepRecord> getSteps() {
        return steps.entrySet().stream()
                .map(entry -> present(entry.getKey(), entry.getValue()))
                .toList();
    }

    private StepRecord present(String id, StepRecord saved) {
        Supplier<? extends StepRecord> step = running.get(id);
        if (step != null) {
            return step.get();
        }
        return saved.isRunning() && !build.isBuilding() ? saved.aborted(saved.due()) : saved;
    }

    @Exported
    public List<AnnouncementRecord> getAnnouncements() {
        return only(AnnouncementRecord.class).toList();
    }

    @Exported
    public List<WaitRecord> getWaits() {
        return only(WaitRecord.class).toList();
    }

    @Exported
    public List<TransactionRecord> getTransactions() {
        return only(TransactionRecord.class).toList();
    }

    private <T extends StepRecord> Stream<T> only(Class<T> kind) {
        return getSteps().stream().filter(kind::isInstance).map(kind::cast);
    }

    /** The steps that have not ended. */
    public List<StepRecord> getRunning() {
        return getSteps().stream().filter(StepRecord::isRunning).toList();
    }

    /** Returns true if the build had more steps than it keeps. */
    @Exported
    public boolean isIncomplete() {
        return incomplete;
    }

    /** Returns the drawing of a wait; null for another step. */
    public @Nullable Timeline timeline(StepRecord step) {
        return step instanceof WaitRecord wait
                ? Timeline.of(wait, announced(wait), Clock.systemUTC().instant())
                : null;
    }

    /** Returns when the step's revision was announced, by this build or as its wait heard; null if that is not known. */
    public @Nullable Date announcedAt(StepRecord step) {
        if (step instanceof WaitRecord wait) {
            Instant announced = announced(wait);
            return announced == null ? null : Date.from(announced);
        }
        return step instanceof AnnouncementRecord announcement ? announcement.getAnnouncedAt() : null;
    }

    /** A wait may hear of a newer revision only: then what this build announced is the earlier. */
    private @Nullable Instant announced(WaitRecord wait) {
        return only(AnnouncementRecord.class)
                .filter(announcement -> isOf(wait, announcement))
                .flatMap(announcement -> Stream.ofNullable(announcement.ended()))
                .reduce(wait.announced(), (one, other) -> one == null || other.isBefore(one) ? other : one);
    }

    /** Returns true if this build announced what the wait waits for: the same repository, published at the same time. */
    private static boolean isOf(WaitRecord wait, AnnouncementRecord announcement) {
        Instant published = wait.published();
        return announcement.getState() == State.DONE
                && published != null
                && published.equals(announcement.published())
                && String.valueOf(wait.getRepository()).equals(announcement.getRepository());
    }

    /** For {@code /api/json}. */
    public Api getApi() {
        return new Api(this);
    }

    /** The build, whose permissions the page asks. */
    public Run<?, ?> getBuild() {
        return build;
    }

    @Override
    public String getIconFileName() {
        return "symbol-git-network-outline plugin-ionicons-api";
    }

    @Override
    public String getDisplayName() {
        return "CVMFS";
    }

    @Override
    public String getUrlName() {
        return "cvmfs";
    }

    /** The number on the tab; null unless a step runs. */
    @Override
    public @Nullable Badge getBadge() {
        int count = getRunning().size();
        return count == 0 ? null : new Badge(Integer.toString(count), getWaitingFor(), Badge.Severity.INFO);
    }

    /** Returns what the running steps do as one text; empty if no step runs. */
    public String getWaitingFor() {
        return String.join("; ", getRunning().stream().map(StepRecord::getTitle).toList());
    }
}

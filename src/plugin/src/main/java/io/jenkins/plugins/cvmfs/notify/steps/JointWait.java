package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites;
import io.jenkins.plugins.cvmfs.notify.steps.BuildHandle.Ending;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/** The waits of one step, one for each repository: it goes on when all have ended, and fails as soon as one fails. */
final class JointWait {

    private final BuildHandle build;
    private final List<RevisionWait> waits = new ArrayList<>();
    private final List<Optional<Ending>> endings = new ArrayList<>();
    private boolean over;

    JointWait(List<WaitState> states, BuildHandle build, RevisionWait.Opener opener) {
        this.build = build;
        for (WaitState state : states) {
            int index = waits.size();
            String repository = state.snapshot().condition().repository().value();
            ConsoleLines console = new ConsoleLines(build, repository);
            endings.add(Optional.empty());
            waits.add(new RevisionWait(state, build, console, opener, ending -> ended(index, ending)));
        }
    }

    List<RevisionWait> waits() {
        return waits;
    }

    /**
     * Starts the waits, at first or after a restart. Once the step is over no further one starts. May block.
     *
     * @param follower shows a wait, with its index; is told of all before the first starts
     */
    void begin(ConfiguredSites sites, boolean resumed, BiConsumer<Integer, RevisionWait> follower) {
        for (int index = 0; index < waits.size(); index++) {
            follower.accept(index, waits.get(index));
        }
        for (RevisionWait wait : waits) {
            if (isOver()) {
                return;
            }
            if (resumed) {
                wait.resume(sites);
            } else {
                wait.begin(sites);
            }
        }
    }

    /** Returns true once the step has ended or was stopped. */
    synchronized boolean isOver() {
        return over;
    }

    /** Cancels the waits without telling the build. May be called at any time, and again. */
    void stop() {
        synchronized (this) {
            over = true;
        }
        waits.forEach(RevisionWait::stop);
    }

    String status() {
        return waits.stream().map(RevisionWait::status).collect(Collectors.joining("; "));
    }

    private void ended(int index, Ending ending) {
        Optional<Ending> joint;
        synchronized (this) {
            endings.set(index, Optional.of(ending));
            joint = over ? Optional.empty() : joint(ending);
            over |= joint.isPresent();
        }
        joint.ifPresent(last -> {
            waits.forEach(RevisionWait::endConsole);
            stop();
            build.end(last);
        });
    }

    private Optional<Ending> joint(Ending last) {
        if (last instanceof Ending.Failure || endings.size() == 1) {
            return Optional.of(last);
        }
        if (endings.stream().anyMatch(Optional::isEmpty)) {
            return Optional.empty();
        }
        List<ReachedRevision> values = new ArrayList<>();
        List<String> late = new ArrayList<>();
        for (Ending ending : endings.stream().flatMap(Optional::stream).toList()) {
            if (ending instanceof Ending.Success success) {
                values.add((ReachedRevision) success.value());
            } else if (ending instanceof Ending.Unstable unstable) {
                values.add((ReachedRevision) unstable.value());
                late.add(unstable.reason());
            }
        }
        ReachedRevision value = ReachedRevision.ofAll(values);
        return Optional.of(
                late.isEmpty() ? new Ending.Success(value) : new Ending.Unstable(value, String.join("; ", late)));
    }
}

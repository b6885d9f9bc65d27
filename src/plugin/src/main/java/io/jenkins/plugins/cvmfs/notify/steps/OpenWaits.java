package io.jenkins.plugins.cvmfs.notify.steps;

import hudson.Extension;
import hudson.ExtensionList;
import hudson.model.Action;
import hudson.model.InvisibleAction;
import hudson.model.Run;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jenkins.model.TransientActionFactory;

/** The running waits of each build, for the build's page. Not saved: a wait is added again when it is resumed. Thread-safe. */
@Extension
@SuppressWarnings("rawtypes") // type() can only return a raw class.
public final class OpenWaits extends TransientActionFactory<Run> {

    private final Map<String, List<RevisionWait>> waits = new HashMap<>();

    /** The only instance, which Jenkins makes. */
    static OpenWaits get() {
        return ExtensionList.lookupSingleton(OpenWaits.class);
    }

    synchronized void add(Run<?, ?> build, RevisionWait wait) {
        if (!wait.isOver()) {
            waits.computeIfAbsent(build.getExternalizableId(), id -> new ArrayList<>())
                    .add(wait);
        }
    }

    synchronized void removeEnded(Run<?, ?> build) {
        waits.computeIfPresent(build.getExternalizableId(), (id, known) -> {
            known.removeIf(RevisionWait::isOver);
            return known.isEmpty() ? null : known;
        });
    }

    @Override
    public Class<Run> type() {
        return Run.class;
    }

    @Override
    public Collection<? extends Action> createFor(Run target) {
        List<GateReport> reports = of(target.getExternalizableId()).stream()
                .filter(wait -> !wait.isOver())
                .map(RevisionWait::report)
                .flatMap(Optional::stream)
                .toList();
        return reports.isEmpty() ? List.of() : List.of(new Shown(reports));
    }

    private synchronized List<RevisionWait> of(String build) {
        return List.copyOf(waits.getOrDefault(build, List.of()));
    }

    /** A part of the build's page, {@code summary.jelly}; no page of its own. */
    public static final class Shown extends InvisibleAction {

        private final List<GateReport> reports;

        Shown(List<GateReport> reports) {
            this.reports = reports;
        }

        /** One for each wait of the build. */
        public List<GateReport> getReports() {
            return reports;
        }
    }
}

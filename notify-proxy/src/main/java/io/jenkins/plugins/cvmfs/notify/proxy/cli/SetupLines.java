package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.SetupReport;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.Step;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.StepOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What {@code setup-broker} prints. */
final class SetupLines {

    private SetupLines() {}

    static List<String> text(SetupReport report, boolean dryRun) {
        List<String> lines = new ArrayList<>();
        report.steps().forEach(step -> lines.add(line(step, dryRun)));
        lines.add("%s: %d created, %d changed, %d right already%s"
                .formatted(
                        dryRun ? "would be" : "done",
                        report.count(StepOutcome.CREATED),
                        report.count(StepOutcome.CHANGED),
                        report.count(StepOutcome.UNCHANGED),
                        report.hasConflict() ? ", %d in the way".formatted(report.count(StepOutcome.CONFLICT)) : ""));
        return lines;
    }

    private static String line(Step step, boolean dryRun) {
        String detail = step.detail().isEmpty() ? "" : ": " + step.detail();
        return "%-13s %-10s %s%s".formatted(word(step.outcome(), dryRun), step.kind(), step.name(), detail);
    }

    private static String word(StepOutcome outcome, boolean dryRun) {
        return switch (outcome) {
            case CREATED -> dryRun ? "would create" : "created";
            case CHANGED -> dryRun ? "would change" : "changed";
            case UNCHANGED -> "right already";
            case CONFLICT -> "in the way";
        };
    }

    static ObjectNode json(SetupReport report, boolean dryRun) {
        ObjectNode all = JsonLine.object().put("dry_run", dryRun).put("rabbitmq_version", report.version());
        for (StepOutcome outcome : StepOutcome.values()) {
            all.put(name(outcome), report.count(outcome));
        }
        ArrayNode steps = all.putArray("steps");
        report.steps()
                .forEach(step -> steps.addObject()
                        .put("kind", step.kind())
                        .put("name", step.name())
                        .put("outcome", name(step.outcome()))
                        .put("detail", step.detail()));
        ArrayNode notes = all.putArray("notes");
        report.notes().forEach(notes::add);
        return all;
    }

    private static String name(StepOutcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT);
    }
}

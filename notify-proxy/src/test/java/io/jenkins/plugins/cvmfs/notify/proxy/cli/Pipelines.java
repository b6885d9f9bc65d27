package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Pipelines of the documentation as one shell script: their jobs one after the other, with what one hands to the next. */
final class Pipelines {

    private Pipelines() {}

    /** A {@code .gitlab-ci.yml}: its jobs in the order of their stages; the dotenv report of one is the environment of the next. */
    static String gitLab(String yaml) {
        Map<String, Object> file = parsed(yaml);
        StringBuilder script = new StringBuilder(exports(map(file, "variables")));
        for (Object stage : (List<?>) file.get("stages")) {
            Map<String, Object> job = map(file, stage.toString());
            assertThat(job).containsEntry("stage", stage);
            script.append(lines((List<?>) job.get("script")));
            if (job.containsKey("artifacts")) {
                Object dotenv = map(map(job, "artifacts"), "reports").get("dotenv");
                script.append("set -a; . './%s'; set +a\n".formatted(dotenv));
            }
        }
        return script.toString();
    }

    /** A workflow whose job {@code wait} needs the outputs of its job {@code publish}. */
    static String gitHub(String yaml) {
        Map<String, Object> file = parsed(yaml);
        Map<String, Object> jobs = map(file, "jobs");
        Map<String, Object> publish = map(jobs, "publish");
        assertThat(map(publish, "outputs")).containsEntry("revision", "${{ steps.announce.outputs.CVMFS_REVISION }}");
        assertThat(steps(publish)).anySatisfy(step -> assertThat(step).containsEntry("id", "announce"));
        assertThat(map(jobs, "wait")).containsEntry("needs", "publish");
        StringBuilder script = new StringBuilder(exports(map(file, "env"))).append("export GITHUB_OUTPUT=output.txt\n");
        steps(publish).forEach(step -> script.append(step.get("run")).append("\n"));
        script.append(". ./output.txt\n");
        for (Map<String, Object> step : steps(map(jobs, "wait"))) {
            script.append(
                    exports(map(step, "env")).replace("${{ needs.publish.outputs.revision }}", "'$CVMFS_REVISION'"));
            script.append(step.get("run"));
        }
        assertThat(script).as("no expression is left").doesNotContain("${{");
        return script.toString();
    }

    @SuppressWarnings("unchecked") // the parser's maps have what the file has: text for keys
    private static Map<String, Object> parsed(String yaml) {
        return (Map<String, Object>) new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Map<String, Object> parent, String key) {
        assertThat(parent).containsKey(key);
        return (Map<String, Object>) parent.get(key);
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> steps(Map<String, Object> job) {
        return (List<Map<String, Object>>) job.get("steps");
    }

    private static String exports(Map<String, Object> variables) {
        return variables.entrySet().stream()
                .map(variable -> "export %s='%s'\n".formatted(variable.getKey(), variable.getValue()))
                .collect(Collectors.joining());
    }

    private static String lines(List<?> script) {
        return script.stream().map(line -> line + "\n").collect(Collectors.joining());
    }
}

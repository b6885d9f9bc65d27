package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What the runners of GitHub and GitLab have in common: YAML, and shells that run the scripts in it in a folder. */
record RunnerShell(Path workspace) {

    private static final long LIMIT_MINUTES = 4;

    /** How a script ended, and what it wrote to both outputs. */
    record Result(int exitCode, String output) {}

    /** Runs a script, appended to these arguments as a file. */
    Result run(List<String> shell, String script, Map<String, String> variables)
            throws IOException, InterruptedException {
        Path file = Files.writeString(Files.createTempFile(workspace, "script", ".sh"), script);
        Path output = Files.createTempFile(workspace, "output", ".txt");
        List<String> command = new ArrayList<>(shell);
        command.add(file.toString());
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(workspace.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.put("HOME", workspace.toString());
        environment.put("TMPDIR", workspace.toString());
        environment.put(
                "PATH",
                workspace + ":" + Path.of(System.getProperty("java.home"), "bin") + ":" + System.getenv("PATH"));
        environment.putAll(variables);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES))
                    .as(Files.readString(output))
                    .isTrue();
            return new Result(process.exitValue(), Files.readString(output));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** The lines {@code NAME=VALUE} of a dotenv report or of {@code $GITHUB_OUTPUT}. */
    static Map<String, String> variables(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(line -> line.split("=", 2))
                .collect(Collectors.toMap(
                        pair -> pair[0], pair -> pair[1], (former, later) -> later, LinkedHashMap::new));
    }

    /** The documents of a file: one, or a header and what follows it. */
    static List<Map<String, Object>> documents(String yaml) {
        List<Map<String, Object>> documents = new ArrayList<>();
        new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(yaml).forEach(one -> documents.add(map(one)));
        return documents;
    }

    @SuppressWarnings("unchecked") // the parser's maps have what the file has: text for keys
    static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    /** The map below a key; empty if there is none. */
    static Map<String, Object> map(Map<String, Object> parent, String key) {
        return parent.containsKey(key) ? map(parent.get(key)) : Map.of();
    }

    /** The list below a key; empty if there is none. */
    static List<?> list(Map<String, Object> parent, String key) {
        return parent.get(key) instanceof List<?> items ? items : List.of();
    }
}

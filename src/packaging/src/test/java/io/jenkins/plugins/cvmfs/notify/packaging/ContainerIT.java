package io.jenkins.plugins.cvmfs.notify.packaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The files for containers and Kubernetes, as far as no container is needed. */
class ContainerIT {

    private static final Path TOP = Path.of("../..");
    private static final Path CONTAINER = Path.of("container");
    private static final Path MANIFESTS = Path.of("kubernetes/cvmfs-notify.yaml");
    private static final String STATE = "/var/lib/cvmfs-notify";

    @TempDir
    Path folder;

    @Test
    void everyFileThatTheImageTakesExists() throws IOException {
        List<String> taken = Files.readString(CONTAINER.resolve("Containerfile"))
                .lines()
                .filter(line -> line.startsWith("COPY ") && !line.contains("--from="))
                .flatMap(line -> Pattern.compile(" ").splitAsStream(line.substring("COPY ".length())))
                .filter(word -> !word.startsWith("--") && !word.startsWith("/"))
                .toList();

        assertThat(taken).contains("notify-proxy/target/notify-proxy.jar", "src/packaging/container/entrypoint");
        assertThat(taken).allSatisfy(file -> assertThat(TOP.resolve(file)).exists());
    }

    @Test
    void theImageNeedsNoRootAndKnowsWhetherItIsHealthy() throws IOException {
        assertThat(Files.readString(CONTAINER.resolve("Containerfile")).lines())
                .contains("USER 4930:4930", "VOLUME " + STATE, "CMD [\"serve\"]")
                .anyMatch(
                        line -> line.startsWith("HEALTHCHECK ") && line.endsWith("[\"/usr/lib/cvmfs-notify/health\"]"));
    }

    /** Every module that the jar needs is in the runtime, but for those of the optional parts of libraries. */
    @Test
    void theRuntimeHasTheModulesOfTheJar() throws IOException, InterruptedException {
        Path jdeps = Path.of(System.getProperty("java.home"), "bin/jdeps");
        Path jar = Packages.TREE.resolve("usr/share/cvmfs-notify/notify-proxy.jar");
        String needed = Run.of(List.of(
                        jdeps.toString(),
                        "--multi-release=17",
                        "--ignore-missing-deps",
                        "--print-module-deps",
                        jar.toString()))
                .succeeded()
                .output()
                .strip();

        assertThat(Files.readString(CONTAINER.resolve("Containerfile")).replaceAll("\\\\\\s+", ""))
                .contains(List.of(needed.split(",")));
    }

    @ParameterizedTest
    @CsvSource({
        "536870912, -XX:+UseSerialGC, -XX:MaxRAMPercentage=50",
        "2147483648, -XX:+UseG1GC, -XX:MaxRAMPercentage=50",
        "max, -XX:+UseSerialGC, -Xmn8m",
        "9223372036854771712, -XX:+UseSerialGC, -Xmn8m"
    })
    void theHeapFollowsTheMemoryOfTheContainer(String limit, String collector, String heap) throws Exception {
        Files.writeString(folder.resolve("memory.max"), limit + "\n");

        assertThat(entrypoint(Map.of(), "serve"))
                .contains(collector, heap, "-Djava.library.path=/usr/lib/cvmfs-notify/native")
                .endsWith("serve");
        assertThat(entrypoint(Map.of(), "serve").contains("-XX:MaxRAMPercentage"))
                .isEqualTo(heap.startsWith("-XX:MaxRAM"));
    }

    @Test
    void ownOptionsReplaceThoseOfTheContainerAndOtherCommandsHaveTheLaunchers() throws Exception {
        assertThat(entrypoint(Map.of("NOTIFY_PROXY_JAVA_OPTS", "-Xmx1g"), "serve"))
                .isEqualTo("-Xmx1g serve");
        assertThat(entrypoint(Map.of(), "version")).isEqualTo(" version");
    }

    /** Returns the options of the JVM and the arguments that the launcher gets. */
    private String entrypoint(Map<String, String> environment, String command) throws Exception {
        Path launcher = folder.resolve("launcher");
        Files.writeString(launcher, "#!/bin/sh\necho \"${NOTIFY_PROXY_JAVA_OPTS-} $*\"\n");
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
        Map<String, String> all = new HashMap<>(environment);
        all.put("CGROUP", folder.toString());
        all.put("NOTIFY_PROXY", launcher.toString());
        return Run.of(all, List.of("sh", CONTAINER.resolve("entrypoint").toString(), command))
                .succeeded()
                .output()
                .replaceFirst("\n$", "");
    }

    @ParameterizedTest
    @CsvSource({"200, true", "503, false"})
    void theContainerIsHealthyWhenTheServiceSaysSo(int status, boolean isHealthy) throws Exception {
        HttpServer service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/healthz", exchange -> {
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        service.start();
        try {
            Run checked = health(service.getAddress().getPort());

            assertThat(checked.exitCode() == 0).isEqualTo(isHealthy);
        } finally {
            service.stop(0);
        }
        assertThat(health(service.getAddress().getPort()).exitCode())
                .as("exit code after the service has stopped")
                .isNotZero();
    }

    private static Run health(int port) throws IOException, InterruptedException {
        Run.needs("bash");
        return Run.of(
                Map.of("CVMFS_NOTIFY_PORT", String.valueOf(port)),
                List.of("bash", CONTAINER.resolve("health").toString()));
    }

    @Test
    void theServiceOfTheCompositionIsLockedInAndWaitsForItsBroker() throws IOException {
        Node composition = new Node(yaml(CONTAINER.resolve("compose.yaml")).get(0));
        Node notify = composition.at("services", "notify");

        assertThat(notify.get("read_only")).isEqualTo(true);
        assertThat(notify.get("cap_drop")).isEqualTo(List.of("ALL"));
        assertThat(notify.at("depends_on", "setup").get("condition")).isEqualTo("service_completed_successfully");
        assertThat(composition.at("services", "setup", "depends_on", "rabbitmq").get("condition"))
                .isEqualTo("service_healthy");
        assertThat(notify.at("environment").get("CVMFS_NOTIFY_AMQP_PASS_FILE"))
                .asString()
                .startsWith(STATE);
        assertThat(composition.at("secrets").fields())
                .as("every secret is a file")
                .allSatisfy((name, secret) ->
                        assertThat(new Node(secret).get("file")).isEqualTo("secrets/" + name));
        assertThat(composition.at("volumes").fields()).containsOnlyKeys("rabbitmq", "state");
    }

    /** With the image's variables and the composition's; no word on standard error means that each is known. */
    @Test
    void theServiceKnowsEveryVariableOfTheContainers() throws IOException, InterruptedException {
        Map<String, String> variables = new HashMap<>();
        Pattern.compile("(CVMFS_NOTIFY_\\w+)=(\\S+)")
                .matcher(Files.readString(CONTAINER.resolve("Containerfile")))
                .results()
                .forEach(variable -> variables.put(variable.group(1), variable.group(2)));
        new Node(yaml(CONTAINER.resolve("compose.yaml")).get(0))
                .at("services", "notify", "environment")
                .fields()
                .forEach((name, value) -> variables.put(name, String.valueOf(value)));
        variables.put("CVMFS_NOTIFY_AMQP_PASS_FILE", password().toString());

        String shown = Run.of(
                        variables,
                        List.of(Packages.TREE.resolve("usr/bin/notify-proxy").toString(), "check-config"))
                .succeeded()
                .output();

        assertThat(variables).hasSize(6);
        assertThat(shown).contains("worker", "rabbitmq").doesNotContain("unknown");
    }

    private Path password() throws IOException {
        Path password = Files.writeString(folder.resolve("amqp.pass"), "secret\n");
        return Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void theManifestsRunTwoProxiesApartThatMayDoLittle() throws IOException {
        Map<String, Node> manifests = manifests();
        Node pod = manifests.get("Deployment").at("spec", "template", "spec");
        Node container = new Node(((List<?>) pod.get("containers")).get(0));

        assertThat(manifests.get("Deployment").at("spec").get("replicas")).isEqualTo(2);
        assertThat(manifests.get("PodDisruptionBudget").at("spec").get("minAvailable"))
                .isEqualTo(1);
        assertThat(pod.at("affinity").fields()).containsKey("podAntiAffinity");
        assertThat(container.at("readinessProbe", "httpGet").get("path")).isEqualTo("/readyz");
        assertThat(container.at("livenessProbe", "httpGet").get("path")).isEqualTo("/healthz");
        assertThat(container.at("startupProbe", "httpGet").get("path")).isEqualTo("/healthz");
        assertThat(container.at("securityContext").get("readOnlyRootFilesystem"))
                .isEqualTo(true);
        assertThat(container.at("securityContext").get("allowPrivilegeEscalation"))
                .isEqualTo(false);
        assertThat(pod.at("securityContext").get("runAsUser")).isEqualTo(4930);
        assertThat(pod.get("enableServiceLinks")).isEqualTo(false);
        assertThat(names(pod.get("volumes"), "name")).isEqualTo(names(container.get("volumeMounts"), "name"));
    }

    @Test
    void everySelectorMatchesTheLabelsOfThePods() throws IOException {
        Map<String, Node> manifests = manifests();
        Map<String, Object> labels = manifests
                .get("Deployment")
                .at("spec", "template", "metadata", "labels")
                .fields();

        assertThat(manifests.get("Service").at("spec").get("selector")).isEqualTo(labels);
        assertThat(manifests.get("Deployment").at("spec", "selector").get("matchLabels"))
                .isEqualTo(labels);
        assertThat(manifests.get("PodDisruptionBudget").at("spec", "selector").get("matchLabels"))
                .isEqualTo(labels);
    }

    @Test
    void theServiceTakesTheConfigurationOfTheManifests() throws IOException, InterruptedException {
        Path config = folder.resolve("config.json");
        Path password = password();
        String text = String.valueOf(manifests().get("ConfigMap").at("data").get("config.json"));
        Files.writeString(config, text.replace("/etc/cvmfs/notify/secrets/amqp.pass", password.toString()));

        Run checked = Run.of(List.of(
                Packages.TREE.resolve("usr/bin/notify-proxy").toString(), "check-config", "--config=" + config));

        assertThat(text).contains("/etc/cvmfs/notify/secrets/amqp.pass");
        checked.succeeded();
    }

    private static List<Object> names(Object list, String key) {
        return ((List<?>) list).stream().map(each -> new Node(each).get(key)).collect(Collectors.toList());
    }

    private static Map<String, Node> manifests() throws IOException {
        return yaml(MANIFESTS).stream()
                .map(Node::new)
                .collect(Collectors.toMap(node -> String.valueOf(node.get("kind")), node -> node));
    }

    private static List<Object> yaml(Path file) throws IOException {
        LoaderOptions strict = new LoaderOptions();
        strict.setAllowDuplicateKeys(false);
        Iterable<Object> documents = new Yaml(new SafeConstructor(strict)).loadAll(Files.readString(file, UTF_8));
        return StreamSupport.stream(documents.spliterator(), false).toList();
    }

    /** A mapping of a YAML document. */
    private record Node(Object value) {

        Map<String, Object> fields() {
            assertThat(value).isInstanceOf(Map.class);
            Map<String, Object> fields = new HashMap<>();
            ((Map<?, ?>) value).forEach((name, field) -> fields.put(String.valueOf(name), field));
            return fields;
        }

        Object get(String key) {
            assertThat(fields().containsKey(key)).as("%s in %s", key, value).isTrue();
            return fields().get(key);
        }

        Node at(String... keys) {
            Node node = this;
            for (String key : keys) {
                node = new Node(node.get(key));
            }
            return node;
        }
    }
}

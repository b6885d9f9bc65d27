package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the jar holds, and what of it a command loads. */
class JarContentsIT {

    private static final String JAR = System.getProperty("notify.proxy.jar");

    private static final String CUT = "org.bouncycastle.";

    @TempDir
    Path folder;

    /** Follows what the program's classes name, and what those name, within the library of which the jar holds a part. */
    @Test
    void noClassThatIsUsedMissesOneThatWasLeftOut() {
        Map<String, Set<String>> named = namedClasses();
        Deque<String> toFollow = new ArrayDeque<>(named.keySet().stream()
                .filter(name -> name.startsWith("io.jenkins."))
                .toList());
        Set<String> used = new HashSet<>();
        while (!toFollow.isEmpty()) {
            named.getOrDefault(toFollow.pop(), Set.of()).stream()
                    .filter(name -> name.startsWith(CUT))
                    .filter(used::add)
                    .forEach(toFollow::push);
        }

        assertThat(used).contains(CUT + "asn1.x509.AlgorithmIdentifier", CUT + "crypto.digests.SHAKEDigest");
        assertThat(used).isSubsetOf(named.keySet());
    }

    /** Returns the classes of the jar, each with all that it names. */
    private static Map<String, Set<String>> namedClasses() {
        StringWriter text = new StringWriter();
        int exitCode = ToolProvider.findFirst("jdeps")
                .orElseThrow()
                .run(
                        new PrintWriter(text),
                        new PrintWriter(text),
                        "--multi-release=17",
                        "--ignore-missing-deps",
                        "-filter:none",
                        "-verbose:class",
                        JAR);
        assertThat(exitCode).as(text.toString()).isZero();
        Map<String, Set<String>> named = new HashMap<>();
        text.toString()
                .lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(words -> words.length > 2 && words[1].equals("->"))
                .forEach(words ->
                        named.computeIfAbsent(words[0], name -> new HashSet<>()).add(words[2]));
        return named;
    }

    @Test
    void theLibrariesOfBothProcessorsAreThere() throws IOException {
        try (JarFile jar = new JarFile(JAR)) {
            assertThat(jar.stream().map(Object::toString))
                    .contains(Stream.of("x86_64", "aarch_64")
                            .flatMap(processor -> Stream.of(
                                    "META-INF/native/libnetty_tcnative_linux_" + processor + ".so",
                                    "META-INF/native/libnetty_transport_native_epoll_" + processor + ".so",
                                    "META-INF/native/libnetty_transport_native_io_uring42_" + processor + ".so"))
                            .toArray(String[]::new))
                    .noneMatch(name -> name.startsWith("org/bouncycastle/pqc/"));
        }
    }

    @Test
    void anAnnouncementLoadsNoServerNoLogNoJsonMapperAndNoCertificates() throws IOException, InterruptedException {
        SampleRepository repository = SampleRepository.create(
                folder.resolve("repository"),
                new RepositoryName("test.example.org"),
                HashAlgorithm.SHA1,
                Clock.systemUTC());
        Path loaded = folder.resolve("loaded.txt");
        try (JarProcess proxy = JarProcess.serve(folder);
                JarProcess publish = JarProcess.under(
                        List.of(),
                        Map.of("JDK_JAVA_OPTIONS", "-Xlog:class+load:file=" + loaded),
                        folder,
                        "publish",
                        "-u",
                        proxy.server(),
                        "-r",
                        repository.folder().toString())) {
            assertThat(publish.exitCode()).as(publish.err()).isZero();
        }

        List<String> classes = Files.readAllLines(loaded);
        assertThat(classes).anyMatch(line -> line.contains(".cli.PublishCommand "));
        for (String unused : List.of(
                " io.netty.",
                " ch.qos.logback.",
                " org.eclipse.jetty.client.HttpClient ",
                " com.fasterxml.jackson.databind.ObjectMapper ",
                " com.fasterxml.jackson.core.JsonFactory ",
                " sun.security.ssl.TrustStoreManager ",
                " sun.util.cldr.CLDRLocaleProviderAdapter ")) {
            assertThat(classes).as(unused).noneMatch(line -> line.contains(unused));
        }
    }
}

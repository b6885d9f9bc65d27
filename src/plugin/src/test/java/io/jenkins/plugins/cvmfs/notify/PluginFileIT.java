package io.jenkins.plugins.cvmfs.notify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reads the {@code .hpi} that pom-central.xml has built. Jenkins asks two manifests: the one of the file, when it installs and starts
 * the plugin, and the one of the jar inside it, when it decides which classes may be saved.
 */
final class PluginFileIT {

    private static final Path HPI = Path.of("target-central", "cvmfs-notify.hpi");
    private static final String OWN_JAR = "WEB-INF/lib/cvmfs-notify.jar";

    /** The attributes that the hpi plugin 3.1814 writes for pom.xml, without the hash of the commit. */
    private static final String[] ATTRIBUTES = {
        "Manifest-Version",
        "Created-By",
        "Java-Version",
        "Build-Jdk-Spec",
        "Specification-Title",
        "Specification-Version",
        "Implementation-Title",
        "Implementation-Version",
        "Group-Id",
        "Artifact-Id",
        "Short-Name",
        "Long-Name",
        "Url",
        "Plugin-Version",
        "Hudson-Version",
        "Jenkins-Version",
        "Plugin-Dependencies",
        "Plugin-Developers",
        "Plugin-License-Name",
        "Plugin-License-Url",
        "Plugin-ScmConnection",
        "Plugin-ScmTag",
        "Plugin-ScmUrl"
    };

    @Test
    void jenkinsMaySaveTheClassesOfThePluginsOwnJar() throws IOException {
        Map<String, String> attributes = ownJar();

        // Then: what jenkins.security.ClassFilterImpl asks of a jar before it saves or loads a class from it
        assertThat(attributes).containsEntry("Short-Name", "cvmfs-notify").containsEntry("Jenkins-Version", "2.541.3");
        assertThat(attributes.get("Plugin-Version")).isNotBlank();
    }

    @Test
    void bothManifestsSayWhatTheHpiPluginWrites() throws IOException {
        assertThat(file()).containsOnlyKeys(ATTRIBUTES);
        assertThat(ownJar()).containsOnlyKeys(ATTRIBUTES);
        assertThat(ownJar()).isEqualTo(file());
    }

    @Test
    void compareBuildsSeesWhatDiffersInTheInnerManifest(@TempDir Path same, @TempDir Path different) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/unzip")), "needs unzip");
        Manifest otherVersion = ownManifest();
        otherVersion.getMainAttributes().putValue("Plugin-Version", "999999-SNAPSHOT (private-1234abcd-builder)");
        Manifest noPlugin = ownManifest();
        noPlugin.getMainAttributes().remove(new Attributes.Name("Short-Name"));

        // Then
        assertThat(compareBuilds(same, otherVersion)).endsWith("exit 0");
        assertThat(compareBuilds(different, noPlugin))
                .contains("+Short-Name: cvmfs-notify", "manifests differ")
                .endsWith("exit 1");
    }

    @Test
    void theLibrariesBesideItAreNoPlugins() throws IOException {
        try (JarFile hpi = new JarFile(HPI.toFile())) {
            assertThat(hpi.stream()
                            .map(ZipEntry::getName)
                            .filter(name -> name.endsWith(".jar") && !name.equals(OWN_JAR)))
                    .isNotEmpty()
                    .allSatisfy(library -> assertThat(attributes(manifest(hpi, library)))
                            .doesNotContainKeys("Short-Name", "Plugin-Version"));
        }
    }

    private static Map<String, String> file() throws IOException {
        try (JarFile hpi = new JarFile(HPI.toFile())) {
            return attributes(hpi.getManifest());
        }
    }

    private static Map<String, String> ownJar() throws IOException {
        return attributes(ownManifest());
    }

    private static Manifest ownManifest() throws IOException {
        try (JarFile hpi = new JarFile(HPI.toFile())) {
            return manifest(hpi, OWN_JAR);
        }
    }

    private static Manifest manifest(JarFile hpi, String name) throws IOException {
        try (InputStream entry = hpi.getInputStream(Objects.requireNonNull(hpi.getEntry(name), name));
                JarInputStream jar = new JarInputStream(entry)) {
            return Objects.requireNonNull(jar.getManifest(), () -> name + " has no manifest");
        }
    }

    private static Map<String, String> attributes(Manifest manifest) {
        return manifest.getMainAttributes().entrySet().stream()
                .collect(Collectors.toMap(
                        entry -> entry.getKey().toString(),
                        entry -> entry.getValue().toString(),
                        (first, second) -> first,
                        TreeMap::new));
    }

    /** Runs the script on the built file, and on a copy of it that stands for the other build and has this manifest in its inner jar. */
    private static String compareBuilds(Path folder, Manifest manifest) throws Exception {
        Path script = Files.copy(
                Path.of("compare-builds"), folder.resolve("compare-builds"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.copy(
                HPI, Files.createDirectories(folder.resolve("target-central")).resolve("cvmfs-notify.hpi"));
        Path real = Files.createDirectories(folder.resolve("target")).resolve("cvmfs-notify.hpi");
        try (JarFile hpi = new JarFile(HPI.toFile());
                JarOutputStream copy = new JarOutputStream(Files.newOutputStream(real))) {
            for (ZipEntry entry : Collections.list(hpi.entries())) {
                copy.putNextEntry(new ZipEntry(entry.getName()));
                try (InputStream in = hpi.getInputStream(entry)) {
                    copy.write(entry.getName().equals(OWN_JAR) ? withManifest(in, manifest) : in.readAllBytes());
                }
            }
        }
        Process process =
                new ProcessBuilder(script.toString()).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), UTF_8) + "exit " + process.waitFor();
    }

    private static byte[] withManifest(InputStream in, Manifest manifest) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarInputStream jar = new JarInputStream(in);
                JarOutputStream copy = new JarOutputStream(bytes, manifest)) {
            for (ZipEntry entry = jar.getNextEntry(); entry != null; entry = jar.getNextEntry()) {
                copy.putNextEntry(new ZipEntry(entry.getName()));
                jar.transferTo(copy);
            }
        }
        return bytes.toByteArray();
    }
}

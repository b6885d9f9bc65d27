package io.jenkins.plugins.cvmfs.notify.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.eclipse.packager.rpm.RpmTag;
import org.eclipse.packager.rpm.parse.RpmInputStream;
import org.junit.jupiter.api.Test;

/** Reads the rpm with the library that wrote it; no machine is needed that knows rpm. */
class RpmIT {

    private static final long CONFIG_NOREPLACE = 0x11;

    @Test
    void itHoldsEveryFileWithItsBytes() throws IOException {
        Map<String, Long> expected = new TreeMap<>();
        try (Stream<Path> files = Files.walk(Packages.TREE)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                expected.put("/" + Packages.TREE.relativize(file), Files.size(file));
            }
        }
        expected.put("/etc/sysconfig/cvmfs-notify", Files.size(Path.of("src/environment/cvmfs-notify")));

        Map<String, Long> found = new TreeMap<>();
        try (RpmInputStream rpm = open()) {
            for (CpioArchiveEntry entry = rpm.getCpioStream().getNextEntry();
                    entry != null;
                    entry = rpm.getCpioStream().getNextEntry()) {
                if (entry.isRegularFile()) {
                    found.put(entry.getName().replaceFirst("^\\./", "/"), entry.getSize());
                }
            }
        }

        assertThat(found).isEqualTo(expected);
    }

    @Test
    void theConfigurationIsKeptOnUpgradeAndClosedToOthers() throws IOException {
        try (RpmInputStream rpm = open()) {
            int config = index(rpm, "config.json");

            assertThat(((Integer[]) tag(rpm, RpmTag.FILE_FLAGS))[config] & CONFIG_NOREPLACE)
                    .isEqualTo(CONFIG_NOREPLACE);
            assertThat(((Short[]) tag(rpm, RpmTag.FILE_MODES))[config] & 0777).isEqualTo(0640);
            assertThat(((String[]) tag(rpm, RpmTag.FILE_GROUPNAME))[config]).isEqualTo("cvmfs-notify");
        }
    }

    @Test
    void itNamesWhoMaintainsIt() throws IOException {
        try (RpmInputStream rpm = open()) {
            assertThat(tag(rpm, RpmTag.PACKAGER)).asString().matches("[A-Z][^<]+ <[a-z-]+@(?!localhost)[a-z.]+>");
        }
    }

    @Test
    void theProgramCanBeRun() throws IOException {
        try (RpmInputStream rpm = open()) {
            assertThat(((Short[]) tag(rpm, RpmTag.FILE_MODES))[index(rpm, "share-classes")] & 0777)
                    .isEqualTo(0755);
        }
    }

    @Test
    void itsScriptsAreThose() throws IOException {
        try (RpmInputStream rpm = open()) {
            assertThat(tag(rpm, RpmTag.PREINSTALL_SCRIPT)).isEqualTo(script("pre"));
            assertThat(tag(rpm, RpmTag.POSTINSTALL_SCRIPT)).isEqualTo(script("post"));
            assertThat(tag(rpm, RpmTag.PREREMOVE_SCRIPT)).isEqualTo(script("preun"));
            assertThat(tag(rpm, RpmTag.POSTREMOVE_SCRIPT)).isEqualTo(script("postun"));
        }
    }

    private static String script(String name) throws IOException {
        return Files.readString(Path.of("src/rpm", name + ".sh"));
    }

    private static int index(RpmInputStream rpm, String baseName) throws IOException {
        String[] names = (String[]) tag(rpm, RpmTag.BASENAMES);
        for (int i = 0; i < names.length; i++) {
            if (names[i].equals(baseName)) {
                return i;
            }
        }
        throw new AssertionError("no file " + baseName);
    }

    private static Object tag(RpmInputStream rpm, RpmTag tag) throws IOException {
        return rpm.getPayloadHeader().getTag(tag);
    }

    private static RpmInputStream open() throws IOException {
        RpmInputStream rpm = new RpmInputStream(new BufferedInputStream(Files.newInputStream(Packages.RPM)));
        rpm.available();
        return rpm;
    }
}

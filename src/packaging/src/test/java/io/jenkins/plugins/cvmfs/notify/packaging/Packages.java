package io.jenkins.plugins.cvmfs.notify.packaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The packages that this build has made. */
final class Packages {

    static final Path DEB = file("packages.deb");
    static final Path RPM = file("packages.rpm");

    /** The files that both hold. */
    static final Path TREE = file("packages.tree");

    private Packages() {}

    private static Path file(String property) {
        return Path.of(System.getProperty(property));
    }

    /** The same package under a later version, with one more line in the configuration that it ships. */
    static Path laterDeb(Path folder) throws IOException, InterruptedException {
        Path content = folder.resolve("content");
        Run.of(List.of("dpkg-deb", "--raw-extract", DEB.toString(), content.toString()))
                .succeeded();
        Path control = content.resolve("DEBIAN/control");
        Files.writeString(control, Files.readString(control).replaceFirst("Version: .*", "Version: 99"));
        Path config = content.resolve("etc/cvmfs/notify/config.json");
        Files.writeString(config, Files.readString(config) + "\n");
        Path later = folder.resolve("later.deb");
        Run.of(List.of("dpkg-deb", "-Znone", "--build", content.toString(), later.toString()))
                .succeeded();
        return later;
    }
}

package io.jenkins.plugins.cvmfs.notify.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What other programs of the machine are given: units, scripts, manual pages, completion. */
class SystemFilesIT {

    private static final Path UNITS = Packages.TREE.resolve("usr/lib/systemd/system");

    @ParameterizedTest
    @MethodSource("scripts")
    void everyScriptCanBeParsed(Path script) throws IOException, InterruptedException {
        Run.of(List.of("sh", "-n", script.toString())).succeeded();
    }

    @Test
    void shellcheckHasNothingToSay() throws IOException, InterruptedException {
        Run.needs("shellcheck");
        List<String> command = new ArrayList<>(List.of("shellcheck", "--shell=sh"));
        scripts().forEach(script -> command.add(script.toString()));
        command.add("container/entrypoint");

        Run.of(command).succeeded();
    }

    static List<Path> scripts() throws IOException {
        try (Stream<Path> maintainers = Files.walk(Path.of("src"), 2);
                Stream<Path> programs = Files.walk(Packages.TREE.resolve("usr"))) {
            return Stream.concat(
                            maintainers.filter(file -> file.toString().matches("src/(deb/p.*|rpm/.*\\.sh)")),
                            programs.filter(Files::isRegularFile)
                                    .filter(file -> file.toString().matches(".*/usr/(bin|lib/cvmfs-notify)/.*")))
                    .toList();
        }
    }

    /** Verified as installed units: in a folder in which the program that they start is there. */
    @ParameterizedTest
    @MethodSource("units")
    void systemdFindsNoFaultInAUnit(String unit, @TempDir Path folder) throws IOException, InterruptedException {
        Run.needs("systemd-analyze");
        for (String each : units()) {
            String text = Files.readString(UNITS.resolve(each.replace("@sw.example.org", "@")));
            Files.writeString(
                    folder.resolve(each.replace("@sw.example.org", "@")),
                    text.replace(
                            "/usr/bin/notify-proxy",
                            Packages.TREE.resolve("usr/bin/notify-proxy").toString()));
        }

        Run verified = Run.of(List.of(
                "systemd-analyze", "verify", "--man=no", folder.resolve(unit).toString()));

        assertThat(verified.output().lines().filter(line -> line.contains("cvmfs-notify")))
                .isEmpty();
        assertThat(verified.exitCode()).as(verified.output()).isZero();
    }

    static List<String> units() {
        return List.of("cvmfs-notify.socket", "cvmfs-notify.service", "cvmfs-notify-snapshot@sw.example.org.service");
    }

    /** From 0, locked in, to 10, free to do anything; 2.0 is systemd's own bound for a service that is well protected. */
    @Test
    void theServiceIsWellProtected() throws IOException, InterruptedException {
        Run.needs("systemd-analyze");

        Run.of(List.of(
                        "systemd-analyze",
                        "security",
                        "--offline=true",
                        "--threshold=20",
                        UNITS.resolve("cvmfs-notify.service").toString()))
                .succeeded();
    }

    @Test
    void bashCompletesCommandsAndOptions() throws IOException, InterruptedException {
        Run.needs("bash");
        Path script = Packages.TREE.resolve("usr/share/bash-completion/completions/notify-proxy");
        String complete =
                "source %s; COMP_WORDS=(notify-proxy che); COMP_CWORD=1; _complete_notify-proxy; echo \"${COMPREPLY[*]}\""
                        .formatted(script);

        assertThat(Run.of(List.of("bash", "-c", complete)).succeeded().output().strip())
                .isEqualTo("check-config");
    }

    /** In a terminal, because completion needs one. Without an answer it waits until it is ended. */
    @Test
    void zshCompletesCommandsAndOptions(@TempDir Path folder) throws IOException, InterruptedException {
        Run.needs("zsh");
        String function = Files.readString(Packages.TREE.resolve("usr/share/zsh/site-functions/_notify-proxy"));
        Files.writeString(
                folder.resolve("_notify-proxy"), function.replace(" /usr/share/", " " + Packages.TREE + "/usr/share/"));
        String terminal = """
                zmodload zsh/zpty
                zpty shell "TERM=dumb zsh -f -i"
                zpty -w shell "fpath=($1 \\$fpath); autoload -U compinit; compinit -u -D; print re''ady"
                zpty -r -m shell begun '*ready*'
                zpty -w -n shell $'notify-proxy setup\\t --dry\\t'
                zpty -r -m shell shown '*--dry-run*'
                print -r -- "$shown"
                """;

        assertThat(Run.of(List.of("zsh", "-f", "-c", terminal, "zsh", folder.toString()))
                        .succeeded()
                        .output())
                .contains("notify-proxy setup-broker", "--dry-run")
                .doesNotContain("not found");
    }

    @ParameterizedTest
    @MethodSource("pages")
    void manFindsNoFaultInAPage(Path page) throws IOException, InterruptedException {
        Run.needs("man");

        String shown = Run.of(List.of("man", "--warnings", "-l", page.toString()))
                .succeeded()
                .output();

        assertThat(shown).contains("NAME", "SYNOPSIS").doesNotContain("warning");
    }

    static List<Path> pages() throws IOException {
        try (Stream<Path> pages = Files.list(Packages.TREE.resolve("usr/share/man/man1"))) {
            return pages.toList();
        }
    }

    /** Left out: Java compresses, but does not say in the file that it could not do better; the maintainer's address is no mailbox. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "README.md",
                "docs/install.md",
                "docs/monitoring/grafana-dashboard.json",
                "docs/monitoring/alerts.yml",
                "docs/decisions/README.md",
                "container/Containerfile",
                "kubernetes/cvmfs-notify.yaml"
            })
    void theDocumentationIsThereWithDashboardAndAlerts(String file) {
        assertThat(Packages.TREE.resolve("usr/share/doc/cvmfs-notify").resolve(file))
                .isNotEmptyFile();
    }

    /** What a release has is written in the build file. */
    @Test
    void theReleaseNotesNameEveryFileOfARelease() throws IOException {
        List<String> files = Pattern.compile("tofile=\"\\$\\{dist}/(cvmfs-notify|notify-proxy)([^\"]+)\"")
                .matcher(Files.readString(Path.of("pom.xml")))
                .results()
                .map(file -> file.group(1) + file.group(2).replace("${project.version}", "@version@"))
                .toList();

        assertThat(files).hasSize(5);
        assertThat(Files.readString(Path.of("src/release/notes.md"))).contains(files);
    }

    @Test
    void lintianFindsNoErrorInTheDeb() throws IOException, InterruptedException {
        Run.needs("lintian");

        Run found = Run.of(List.of(
                "lintian",
                "--allow-root",
                "--fail-on=error",
                "--suppress-tags=poor-compression-in-manual-page",
                Packages.DEB.toString()));

        found.succeeded();
    }
}

package io.jenkins.plugins.cvmfs.notify.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalTokenTest {

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("home/.config/cvmfs-notify/local.token");
    }

    @Test
    void itIsMadeOnceForItsOwnerOnly() throws IOException {
        assertThat(LocalToken.makeIfAbsent(file)).isTrue();
        Optional<Secret> first = LocalToken.read(file);

        assertThat(LocalToken.makeIfAbsent(file)).isFalse();
        assertThat(LocalToken.read(file)).isPresent().isEqualTo(first);
        assertThat(LocalToken.isOne(first.orElseThrow().value())).isTrue();
        assertThat(permissions(file)).isEqualTo("rw-------");
        assertThat(permissions(file.getParent())).isEqualTo("rwx------");
        assertThat(file.getParent())
                .isDirectoryContaining("glob:**local.token")
                .isDirectoryNotContaining("glob:**.draft");
    }

    @Test
    void manyAtTheSameTimeEndUpWithOneToken() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<String>> starts = IntStream.range(0, 64)
                    .<Callable<String>>mapToObj(number -> () -> {
                        LocalToken.makeIfAbsent(file);
                        return LocalToken.read(file).orElseThrow().value();
                    })
                    .toList();
            List<String> tokens = new ArrayList<>();
            for (Future<String> token : threads.invokeAll(starts)) {
                tokens.add(token.get());
            }
            assertThat(tokens.stream().collect(Collectors.toSet())).hasSize(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aLinkInItsPlaceIsNeitherFollowedNorReplaced() throws IOException {
        Path elsewhere = folder.resolve("elsewhere");
        Files.createDirectories(file.getParent());
        Files.createSymbolicLink(file, elsewhere);

        assertThat(LocalToken.makeIfAbsent(file)).isFalse();
        assertThat(elsewhere).doesNotExist();
        LocalToken.makeIfAbsent(elsewhere);
        assertThatThrownBy(() -> LocalToken.read(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("is a link");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r--r--", "rw----r--", "rw-rw----", "rw-----w-"})
    void oneThatOthersMayReadOrChangeIsNotUsed(String permissions) throws IOException {
        LocalToken.makeIfAbsent(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));

        assertThatThrownBy(() -> LocalToken.read(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("other users may read or change");
    }

    @Test
    void oneThatAGroupMayReadIsUsed() throws IOException {
        LocalToken.makeIfAbsent(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

        assertThat(LocalToken.read(file)).isPresent();
    }

    @Test
    void oneOfAnotherUserIsNotUsed() throws IOException {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root, to give a file away");
        LocalToken.makeIfAbsent(file);
        Files.setAttribute(file, "unix:uid", 12345);

        assertThatThrownBy(() -> LocalToken.read(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("belongs to another user");
    }

    @Test
    void whatIsNoLocalTokenIsNotUsed() throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "cvmfs-notify_abcdefgh_" + "x".repeat(43) + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

        assertThatThrownBy(() -> LocalToken.read(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("holds no local token")
                .hasMessageNotContaining("xxx");
        assertThat(LocalToken.read(folder.resolve("none"))).isEmpty();
    }

    @Test
    void theInstalledOneComesFirstThenTheUsersOwn() throws IOException {
        Path installed = folder.resolve("installed");
        Path home = Files.createDirectories(folder.resolve("home"));
        Path runtime = Files.createDirectories(folder.resolve("run"));
        Map<String, String> environment = Map.of("HOME", home.toString(), "XDG_RUNTIME_DIR", runtime.toString());

        assertThat(LocalToken.place(environment, installed)).contains(file);
        assertThat(LocalToken.place(Map.of("XDG_RUNTIME_DIR", runtime.toString()), installed))
                .contains(runtime.resolve("cvmfs-notify/local.token"));
        assertThat(LocalToken.place(Map.of(), installed)).isEmpty();
        LocalToken.makeIfAbsent(installed);
        assertThat(LocalToken.place(environment, installed)).contains(installed);
        assertThat(LocalToken.place(Map.of("CVMFS_NOTIFY_ACCESS_LOCAL_TOKEN_FILE", "/srv/token"), installed))
                .contains(Path.of("/srv/token"));
        assertThat(LocalToken.place(Map.of("CVMFS_NOTIFY_ACCESS_LOCAL_TOKEN_FILE", ""), installed))
                .as("an empty variable is not set")
                .contains(installed);
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}

package io.jenkins.plugins.cvmfs.notify.client.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader.MountedRevision;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A scratch folder with the attributes of a mounted client stands for a mount. */
class MountedAttributesTest {

    private static final String NAME = "sw.example.org";
    private static final String HASH = "0123456789abcdef0123456789abcdef01234567-shake128";

    @TempDir
    private Path folder;

    private Path mount;
    private Path caches;
    private Path mounts;
    private MountReader.Source source;

    @BeforeEach
    void anOrdinaryFolder() throws IOException {
        mount = Files.createDirectory(folder.resolve(NAME));
        caches = folder.resolve("caches");
        mounts = Files.writeString(folder.resolve("mounts"), "proc /proc proc rw 0 0\n");
        source = new MountReader.SystemSource(caches, mounts);
    }

    /** Skips the test, with a line on the console, where the file system has no user attributes. Any other failure fails it. */
    @SuppressWarnings("SystemOut") // the console has the reason of each skipped test
    private void requireAttributes() throws IOException {
        if (!Files.getFileStore(folder).supportsFileAttributeView(UserDefinedFileAttributeView.class)) {
            String line =
                    "MountedAttributesTest skipped: the file system of %s has no user attributes".formatted(folder);
            System.err.println(line);
            Assumptions.abort(line);
        }
    }

    private void attribute(String name, String value) throws IOException {
        requireAttributes();
        Files.getFileAttributeView(mount, UserDefinedFileAttributeView.class)
                .write(name, ByteBuffer.wrap(value.getBytes(UTF_8)));
    }

    private void mountedFrom(String device, String type) throws IOException {
        Files.writeString(
                mounts, "/etc/auto.cvmfs %1$s autofs rw 0 0\n%2$s %1$s %3$s ro 0 0\n".formatted(mount, device, type));
    }

    @Test
    void revisionAndRootHashAreRead() throws IOException {
        attribute("revision", "18446744073709551615\n");
        attribute("root_hash", HASH);
        attribute("fqrn", NAME);

        MountedRevision read = source.read(mount);

        assertThat(read.revision()).isEqualTo(Revision.parse("18446744073709551615"));
        assertThat(read.rootHash()).hasToString(HASH);
        assertThat(read.repository()).hasToString(NAME);
    }

    @Test
    void aHiddenRootHashIsNoFailure() throws IOException {
        attribute("revision", "7");

        assertThat(source.read(mount)).isEqualTo(new MountedRevision(new Revision(7), null, null));
    }

    @Test
    void whatIsNoRevisionIsRefused() throws IOException {
        attribute("revision", "many");

        assertThatThrownBy(() -> source.read(mount))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(mount + ": its revision is 'many'; is it a CernVM-FS repository?");
    }

    @Test
    void aMissingFolderIsNotMounted() {
        assertThatThrownBy(() -> source.read(folder.resolve("none")))
                .hasMessage(folder.resolve("none")
                        + ": not mounted: there is no such folder, and automount does not make it");
    }

    @Test
    void anEmptyMountPointIsNotMounted() {
        assertThatThrownBy(() -> source.read(mount))
                .hasMessage(mount + ": not mounted: the folder is there, and no CernVM-FS client serves it");
    }

    @Test
    void anotherFileSystemIsNamed() throws IOException {
        mountedFrom("nas:/export", "nfs4");

        assertThatThrownBy(() -> source.read(mount))
                .hasMessage(mount + ": not a CernVM-FS repository: nas:/export is mounted there");
    }

    @Test
    void aProtectedAttributeWithoutASocketIsExplained() throws IOException {
        mountedFrom("cvmfs2", "fuse");

        assertThatThrownBy(() -> source.read(mount))
                .hasMessageStartingWith(mount + ": its client does not show user.revision, and ")
                .hasMessageEndingWith(
                        "no socket is in " + caches + "; leave the attribute out of CVMFS_XATTR_PROTECTED_XATTRS");
    }

    @Test
    void theSocketOfAClientThatProtectsTheAttributeIsAsked() throws IOException {
        mountedFrom("cvmfs2", "fuse");
        Path shared = Files.createDirectories(caches.resolve("shared"));
        try (ServerSocketChannel client = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            client.bind(UnixDomainSocketAddress.of(shared.resolve("cvmfs_io." + NAME)));
            CompletableFuture<String> asked = CompletableFuture.supplyAsync(() -> answer(client, "42\n"));

            assertThat(source.read(mount)).isEqualTo(new MountedRevision(new Revision(42), null, null));

            assertThat(Outcomes.get(asked)).isEqualTo("revision");
        }
    }

    private static String answer(ServerSocketChannel client, String text) {
        try (SocketChannel connection = client.accept()) {
            ByteBuffer command = ByteBuffer.allocate(100);
            connection.read(command);
            connection.write(ByteBuffer.wrap(text.getBytes(UTF_8)));
            return UTF_8.decode(command.flip()).toString();
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void aSocketThatCannotBeUsedIsNamed() throws IOException {
        mountedFrom("cvmfs2", "fuse");
        Path socket = Files.createDirectories(caches.resolve(NAME)).resolve("cvmfs_io." + NAME);
        Files.writeString(socket, "of a client that has ended");

        assertThatThrownBy(() -> source.read(mount))
                .hasMessageStartingWith(mount + ": its client does not show user.revision, and ")
                .hasMessageContaining("its socket " + socket + " cannot be used (")
                .hasMessageContaining("let this user into the client's group");
    }

    @Test
    void aSocketThatThisUserMayNotLookForIsNamed() throws IOException {
        mountedFrom("cvmfs2", "fuse");
        // A link to itself stands for a folder without the right to search it, which root always has.
        Path shared = Files.createDirectory(caches).resolve("shared");
        Files.createSymbolicLink(shared, shared);

        assertThatThrownBy(() -> source.read(mount))
                .hasMessageContaining("its socket " + shared.resolve("cvmfs_io." + NAME) + " cannot be used (")
                .hasMessageContaining("let this user into the client's group");
    }

    @Test
    void theSocketThatAKilledClientLeavesIsNotAsked() throws IOException {
        Path socket = Files.createDirectories(caches.resolve(NAME)).resolve("cvmfs_io." + NAME);
        Files.writeString(socket, "of a client that has ended");

        assertThatThrownBy(() -> source.read(mount))
                .hasMessage(mount + ": not mounted: the folder is there, and no CernVM-FS client serves it");
    }
}

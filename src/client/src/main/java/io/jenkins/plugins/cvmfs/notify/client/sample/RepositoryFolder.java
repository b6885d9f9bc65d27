package io.jenkins.plugins.cvmfs.notify.client.sample;

import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;

/** The files of a repository below one folder. Each is moved into place when it is whole, so a reader never sees half of one. */
final class RepositoryFolder {

    private static final String OBJECTS = "data";

    private final Path root;

    RepositoryFolder(Path root) {
        this.root = root;
    }

    Path root() {
        return root;
    }

    byte[] read(RepositoryFile file) throws IOException {
        return Files.readAllBytes(root.resolve(file.path()));
    }

    void write(RepositoryFile file, byte[] content) throws IOException {
        write(file.path(), content);
    }

    /** Stores an object compressed, under the hash of what is stored. */
    ContentHash store(ObjectKind kind, HashAlgorithm algorithm, byte[] content) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (DeflaterOutputStream zlib = new DeflaterOutputStream(compressed)) {
            zlib.write(content);
        }
        ContentHash hash = ContentHash.of(algorithm, compressed.toByteArray());
        write(hash.objectPath(kind), compressed.toByteArray());
        return hash;
    }

    /** Copies the objects that the other folder does not have yet. Nobody may write to this folder meanwhile. */
    void copyObjectsTo(RepositoryFolder other) throws IOException {
        try (Stream<Path> files = Files.walk(root.resolve(OBJECTS))) {
            for (Path object : files.filter(Files::isRegularFile).toList()) {
                String path = root.relativize(object).toString();
                if (!Files.exists(other.root.resolve(path))) {
                    other.write(path, Files.readAllBytes(object));
                }
            }
        }
    }

    private void write(String path, byte[] content) throws IOException {
        Path target = root.resolve(path);
        Path partial = root.resolve(path + ".partial");
        Files.createDirectories(root.resolve(path).getParent());
        Files.write(partial, content);
        Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}

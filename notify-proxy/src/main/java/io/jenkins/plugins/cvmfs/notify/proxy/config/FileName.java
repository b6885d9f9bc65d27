package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RawValue.Kind;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** The path of a file or folder; empty text means none. A relative one starts at the working directory. */
record FileName() implements ValueType<Optional<Path>> {

    /** What Linux allows. */
    private static final int LONGEST = 4096;

    @Override
    public Optional<Path> read(RawValue raw) {
        String text = raw.textOf(Kind.TEXT, "the path of a file");
        if (text.length() > LONGEST || !text.equals(Excerpt.of(text, LONGEST))) {
            throw raw.notA("the path of a file: it is too long, or has characters that cannot be printed");
        }
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
        } catch (InvalidPathException e) {
            throw raw.notA("the path of a file");
        }
    }

    @Override
    public void check(Optional<Path> value) {
        // Whether the file is there, only its user can say.
    }

    @Override
    public Object show(Optional<Path> value) {
        return value.map(Path::toString).orElse("");
    }
}

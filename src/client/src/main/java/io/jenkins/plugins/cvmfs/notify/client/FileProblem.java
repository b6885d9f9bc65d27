package io.jenkins.plugins.cvmfs.notify.client;

import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Why a file cannot be used, in the words of an operator: without the names of Java's classes, and without the file's name. */
public final class FileProblem {

    private static final int LONGEST = 300;

    private FileProblem() {}

    /** Returns the problem. The message of a {@link FileSystemException} is often the path alone, so it is not used. */
    public static String reason(IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "no such file or folder";
        } else if (failure instanceof AccessDeniedException) {
            return "permission denied";
        } else if (failure instanceof FileAlreadyExistsException) {
            return "it already exists";
        }
        String message = failure instanceof FileSystemException file ? file.getReason() : failure.getMessage();
        return reason(message, failure);
    }

    /** The same for a folder that was to be created if it does not exist. */
    public static String folderReason(IOException failure) {
        return failure instanceof FileAlreadyExistsException ? "it is not a folder" : reason(failure);
    }

    /** Returns the message, safe to show, or if there is none the kind of the failure: {@code closed channel}. */
    public static String reason(@Nullable String message, Throwable failure) {
        if (failure instanceof UnknownHostException) {
            return "the host name %s cannot be resolved".formatted(Excerpt.of(String.valueOf(message)));
        }
        return message == null || message.isBlank() ? kind(failure) : Excerpt.of(message, LONGEST);
    }

    private static String kind(Throwable failure) {
        String words = failure.getClass()
                .getSimpleName()
                .replaceFirst("(Exception|Error)$", "")
                .replaceAll("(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ")
                .toLowerCase(Locale.ROOT);
        return words.isEmpty() || words.equals("io") ? "input/output error" : words;
    }
}

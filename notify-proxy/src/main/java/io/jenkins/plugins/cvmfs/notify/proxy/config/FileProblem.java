package io.jenkins.plugins.cvmfs.notify.proxy.config;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Why a file cannot be used, in the words of an operator. */
public final class FileProblem {

    private FileProblem() {}

    /** Returns the problem without the names of Java's classes, and without the file's name. */
    public static String reason(IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "no such file or folder";
        } else if (failure instanceof AccessDeniedException) {
            return "permission denied";
        } else if (failure instanceof FileAlreadyExistsException) {
            return "it already exists";
        }
        String message = failure instanceof FileSystemException file && file.getReason() != null
                ? file.getReason()
                : failure.getMessage();
        return message == null ? "input/output error" : message;
    }

    /** The same for a folder that was to be created if it does not exist. */
    public static String folderReason(IOException failure) {
        return failure instanceof FileAlreadyExistsException ? "it is not a folder" : reason(failure);
    }
}

package io.jenkins.plugins.cvmfs.notify.config;

import hudson.util.FormValidation;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import jenkins.model.Jenkins;

/** Turns the library's judgement of a value into the form's. */
final class FieldCheck {

    private FieldCheck() {}

    /** Nothing wrong, or what reading the value throws; for administrators only. */
    static FormValidation administrator(Runnable reading) {
        Jenkins.get().checkPermission(Jenkins.ADMINISTER);
        try {
            reading.run();
            return FormValidation.ok();
        } catch (InvalidInputException e) {
            return FormValidation.error(String.valueOf(e.getMessage()));
        }
    }
}

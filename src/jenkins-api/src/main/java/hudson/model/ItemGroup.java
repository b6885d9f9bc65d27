package hudson.model;

import java.util.List;
import java.util.function.Predicate;

public interface ItemGroup<T extends Item> {
    default <I extends Item> List<I> getAllItems(Class<I> type, Predicate<I> predicate) {
        throw new UnsupportedOperationException();
    }
}

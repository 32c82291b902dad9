import CLinux
import Glibc

/// One page of memory that child and parent share: which NVML call the child is in, and since when.
///
/// The child stores two words around each call, which costs nothing; the parent looks when it wants to know, and
/// still sees the words after the child has died or got stuck in the kernel.
struct CallMonitor {
    static let byteCount = 4096

    /// A call that has not come back yet.
    struct Open: Hashable {
        let call: NVMLCall
        /// NVML's index; `nil` for calls that concern no single GPU.
        let gpu: Int?
        /// CLOCK_MONOTONIC, the same for both processes.
        let sinceNanoseconds: UInt64
    }

    private let startedWord: UnsafeMutablePointer<UInt64>
    private let callWord: UnsafeMutablePointer<UInt64>
    private let base: UnsafeMutableRawPointer

    /// Maps the page behind a descriptor, which may be closed afterwards; `nil` with errno when that fails.
    init?(mapping descriptor: Int32) {
        guard let base = mmap(nil, Self.byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
            base != MAP_FAILED
        else { return nil }
        self.base = base
        startedWord = base.assumingMemoryBound(to: UInt64.self)
        callWord = startedWord + 1
    }

    /// A page that only this process has; `nil` when memory is short.
    static func create() -> (monitor: CallMonitor, descriptor: Int32)? {
        let descriptor = clinux_shared_memory("neurogrid-nvml", off_t(byteCount))
        guard descriptor >= 0 else { return nil }
        guard let monitor = CallMonitor(mapping: descriptor) else {
            close(descriptor)
            return nil
        }
        return (monitor, descriptor)
    }

    func unmap() { munmap(base, Self.byteCount) }

    /// Child: about to call.
    func enter(_ call: NVMLCall, gpu: Int?) {
        clinux_store(callWord, UInt64(call.rawValue) | UInt64(gpu.map { $0 + 1 } ?? 0) << 8)
        clinux_store(startedWord, MonotonicClock.nanoseconds())
    }

    /// Child: the call came back.
    func leave() { clinux_store(startedWord, 0) }

    /// Parent: the call that the child is in; `nil` between two calls.
    var open: Open? {
        let started = clinux_load(startedWord)
        let word = clinux_load(callWord)
        // The child may have gone on between the two loads: then nothing is stuck.
        guard started != 0, clinux_load(startedWord) == started else { return nil }
        guard let call = NVMLCall(rawValue: UInt8(truncatingIfNeeded: word)) else { return nil }
        let gpu = Int(word >> 8 & 0xFFFF)
        return Open(call: call, gpu: gpu == 0 ? nil : gpu - 1, sinceNanoseconds: started)
    }
}

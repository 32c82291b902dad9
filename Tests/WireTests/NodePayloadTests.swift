import Bytes
import Grid
import Testing

@testable import Wire

@Suite("A node's facts")
struct NodePayloadTests {
    @Test("The commonest model stands for all; the first of equals")
    func commonestModel() throws {
        func model(_ names: String...) throws -> JSONTree? {
            var facts = NodeSpecifications()
            facts.gpus = names.enumerated().map { index, name in
                var gpu = GPUDescription(index: index, uuid: "", name: name, pciBusID: "")
                gpu.memoryTotalBytes = UInt64(name.utf8.count) << 30
                return gpu
            }
            let tree = try JSONTree(json { NodePayload.specifications(facts, to: &$0) })
            #expect(tree[["gpu_count"]]?.text == "\(names.count)")
            #expect(
                tree[["gpu_memory"]]?.text ?? ""
                    == (tree[["gpu"]]?.text == "null" ? "null" : "\(tree[["gpu"]]!.text.utf8.count - 2)"))
            return tree[["gpu"]]
        }
        #expect(try model()?.text == "null")
        #expect(try model("A100")?.text == "\"A100\"")
        #expect(try model("A10", "H100", "H100")?.text == "\"H100\"")
        #expect(try model("A10", "H100", "H100", "A10")?.text == "\"A10\"")
    }

    @Test("Specifications are rounded to whole units, whatever a machine claims")
    func rounding() throws {
        var facts = NodeSpecifications()
        facts.memoryTotalBytes = 67_294_781_440
        facts.storageBytes = 1_999_500_000_000
        var tree = try JSONTree(json { NodePayload.specifications(facts, to: &$0) })
        #expect(tree[["ram"]]?.text == "63")
        #expect(tree[["storage"]]?.text == "2000")
        facts.memoryTotalBytes = .max
        facts.storageBytes = .max
        tree = try JSONTree(json { NodePayload.specifications(facts, to: &$0) })
        #expect(tree[["ram"]]?.text == "17179869184")
        #expect(tree[["storage"]]?.text == "18446744074")
    }
}

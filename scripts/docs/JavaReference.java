import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Writes the public names of Java sources with their doc comments, as JSON; nothing is compiled. */
public class JavaReference {
  private static DocTrees docs;

  public static void main(String[] paths) throws Exception {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
    List<File> sources = new ArrayList<>();
    for (String each : paths) sources.add(new File(each));
    JavacTask task =
        (JavacTask) compiler.getTask(null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromFiles(sources));
    docs = DocTrees.instance(task);
    List<String> types = new ArrayList<>();
    for (CompilationUnitTree unit : task.parse()) {
      for (Tree each : unit.getTypeDecls()) {
        if (each instanceof ClassTree && isPublic(((ClassTree) each).getModifiers().getFlags())) {
          types.add(type(new TreePath(new TreePath(unit), each), (ClassTree) each));
        }
      }
    }
    System.out.println("[" + String.join(",", types) + "]");
  }

  private static boolean isPublic(java.util.Set<Modifier> flags) {
    return flags.contains(Modifier.PUBLIC);
  }

  private static String type(TreePath path, ClassTree type) {
    boolean isInterface = type.getKind() == Tree.Kind.INTERFACE;
    boolean isEnum = type.getKind() == Tree.Kind.ENUM;
    List<String> members = new ArrayList<>();
    for (Tree each : type.getMembers()) {
      if (each instanceof MethodTree) {
        MethodTree method = (MethodTree) each;
        boolean isShown = isInterface || isPublic(method.getModifiers().getFlags());
        if (isShown) members.add(method(new TreePath(path, each), method));
      } else if (isEnum && each instanceof VariableTree) {
        String name = ((VariableTree) each).getName().toString();
        members.add(entry(name, name, comment(new TreePath(path, each))) + "}");
      }
    }
    String extended = type.getExtendsClause() == null ? "" : " extends " + type.getExtendsClause();
    String implemented = type.getImplementsClause().isEmpty() ? "" : " implements " + listed(type.getImplementsClause());
    String parameters = type.getTypeParameters().isEmpty() ? "" : "<" + listed(type.getTypeParameters()) + ">";
    String kind = isInterface ? "interface " : isEnum ? "enum " : "class ";
    String signature = kind + type.getSimpleName() + parameters + extended + implemented;
    return entry(type.getSimpleName().toString(), signature, comment(path))
        + ",\"members\":[" + String.join(",", members) + "]}";
  }

  private static String method(TreePath path, MethodTree method) {
    String parameters = method.getParameters().stream().map(each -> each.toString()).collect(Collectors.joining(", "));
    String generic = method.getTypeParameters().isEmpty() ? "" : "<" + listed(method.getTypeParameters()) + "> ";
    String isStatic = method.getModifiers().getFlags().contains(Modifier.STATIC) ? "static " : "";
    String thrown = method.getThrows().isEmpty() ? "" : " throws " + listed(method.getThrows());
    String signature = isStatic + generic + method.getReturnType() + " " + method.getName() + "(" + parameters + ")" + thrown;
    return entry(method.getName().toString(), signature, comment(path)) + "}";
  }

  private static String listed(List<? extends Tree> trees) {
    return trees.stream().map(Tree::toString).collect(Collectors.joining(", "));
  }

  private static String comment(TreePath path) {
    String comment = docs.getDocComment(path);
    return comment == null ? "" : comment;
  }

  /** An object without its end. */
  private static String entry(String name, String signature, String text) {
    return "{\"name\":" + quoted(name) + ",\"signature\":" + quoted(signature) + ",\"text\":" + quoted(text);
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (char each : text.toCharArray()) {
      if (each == '"' || each == '\\') out.append('\\').append(each);
      else if (each < ' ') out.append(String.format("\\u%04x", (int) each));
      else out.append(each);
    }
    return out.append('"').toString();
  }
}

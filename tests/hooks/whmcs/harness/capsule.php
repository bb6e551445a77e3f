<?php
/** WHMCS\Database\Capsule on SQLite: the few builder calls the module uses, and no more. */

namespace WHMCS\Database;

use PDO;

/** advanced/db-interaction.md, "The Query Manager", "The Schema Manager", "The Connection Manager" */
class Capsule
{
    public static $pdo;

    public static function open(string $path): void
    {
        self::$pdo = new PDO("sqlite:$path");
        self::$pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
        self::$pdo->exec('PRAGMA busy_timeout = 10000');
    }

    public static function table(string $name): Builder
    {
        return new Builder($name);
    }

    public static function schema(): Schema
    {
        return new Schema();
    }

    public static function connection(): Connection
    {
        return new Connection();
    }
}

class Connection
{
    public function transaction(callable $does)
    {
        Capsule::$pdo->exec('BEGIN IMMEDIATE');
        try {
            $found = $does($this);
        } catch (\Throwable $error) {
            Capsule::$pdo->exec('ROLLBACK');
            throw $error;
        }
        Capsule::$pdo->exec('COMMIT');
        return $found;
    }
}

class Builder
{
    private $table;
    private $where = [];
    private $bound = [];
    private $order = '';
    private $limit = '';

    public function __construct(string $table)
    {
        $this->table = $table;
    }

    public function where(string $column, $operator, $value = null): self
    {
        [$sign, $value] = func_num_args() === 2 ? ['=', $operator] : [$operator, $value];
        $this->where[] = "$column $sign ?";
        $this->bound[] = $value;
        return $this;
    }

    public function whereIn(string $column, array $values): self
    {
        $this->where[] = "$column IN (" . implode(',', array_fill(0, count($values), '?')) . ')';
        $this->bound = array_merge($this->bound, $values);
        return $this;
    }

    public function orderBy(string $column, string $way = 'asc'): self
    {
        $this->order = ($this->order ? "$this->order, " : ' ORDER BY ') . "$column $way";
        return $this;
    }

    public function limit(int $most): self
    {
        $this->limit = " LIMIT $most";
        return $this;
    }

    /** Rows as stdClass, in something that is not an array, as Laravel's. */
    public function get(): Collection
    {
        $sql = "SELECT * FROM $this->table" . $this->condition() . $this->order . $this->limit;
        return new Collection($this->run($sql, $this->bound)->fetchAll(PDO::FETCH_OBJ));
    }

    public function first()
    {
        return $this->limit(1)->get()->all()[0] ?? null;
    }

    public function value(string $column)
    {
        $row = $this->first();
        return $row ? $row->$column : null;
    }

    public function pluck(string $column): Collection
    {
        return new Collection(array_map(function ($row) use ($column) {
            return $row->$column;
        }, $this->get()->all()));
    }

    public function exists(): bool
    {
        return $this->first() !== null;
    }

    public function insert(array $row): bool
    {
        return $this->inserted('INSERT', $row);
    }

    public function insertOrIgnore(array $row): bool
    {
        return $this->inserted('INSERT OR IGNORE', $row);
    }

    public function update(array $row): int
    {
        $set = implode(', ', array_map(function ($name) {
            return "$name = ?";
        }, array_keys($row)));
        $sql = "UPDATE $this->table SET $set" . $this->condition();
        return $this->run($sql, array_merge(array_values($row), $this->bound))->rowCount();
    }

    public function increment(string $column): int
    {
        return $this->run("UPDATE $this->table SET $column = $column + 1" . $this->condition(), $this->bound)->rowCount();
    }

    public function delete(): int
    {
        return $this->run("DELETE FROM $this->table" . $this->condition(), $this->bound)->rowCount();
    }

    private function inserted(string $verb, array $row): bool
    {
        $marks = implode(',', array_fill(0, count($row), '?'));
        $names = implode(',', array_keys($row));
        $this->run("$verb INTO $this->table ($names) VALUES ($marks)", array_values($row));
        return true;
    }

    private function condition(): string
    {
        return $this->where ? ' WHERE ' . implode(' AND ', $this->where) : '';
    }

    private function run(string $sql, array $bound)
    {
        $statement = Capsule::$pdo->prepare($sql);
        foreach (array_values($bound) as $at => $value) {
            $statement->bindValue($at + 1, $value, is_int($value) ? PDO::PARAM_INT : PDO::PARAM_STR);
        }
        $statement->execute();
        return $statement;
    }
}

class Collection implements \IteratorAggregate, \Countable
{
    private $rows;

    public function __construct(array $rows)
    {
        $this->rows = $rows;
    }

    public function all(): array
    {
        return $this->rows;
    }

    public function getIterator(): \Iterator
    {
        return new \ArrayIterator($this->rows);
    }

    public function count(): int
    {
        return count($this->rows);
    }
}

class Schema
{
    public function hasTable(string $name): bool
    {
        return (bool) Capsule::table('sqlite_master')->where('name', $name)->first();
    }

    public function create(string $name, callable $says): void
    {
        $table = new Blueprint();
        $says($table);
        Capsule::$pdo->exec("CREATE TABLE $name (" . implode(', ', $table->columns) . ')');
    }
}

class Blueprint
{
    public $columns = [];

    public function increments(string $name): self
    {
        return $this->column("$name INTEGER PRIMARY KEY");
    }

    public function string(string $name, int $length = 255): self
    {
        return $this->column("$name VARCHAR($length) NOT NULL CHECK (length($name) <= $length)");
    }

    public function integer(string $name): self
    {
        return $this->column("$name INTEGER NOT NULL");
    }

    public function text(string $name): self
    {
        return $this->column("$name TEXT NOT NULL");
    }

    public function unique(): self
    {
        $this->columns[count($this->columns) - 1] .= ' UNIQUE';
        return $this;
    }

    public function index(): self
    {
        return $this;
    }

    private function column(string $sql): self
    {
        $this->columns[] = $sql;
        return $this;
    }
}
